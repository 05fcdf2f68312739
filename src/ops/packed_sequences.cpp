#include <fmt/format.h>

#include "sinew/base/error.h"
#include "sinew/graph/op.h"
#include "sinew/ops/array.h"
#include "sinew/ops/elementwise.h"
#include "sinew/ops/rnn.h"

namespace sinew::ops {
namespace {

// Outputs, for a mask (N, T): where each packed step comes from, among the N T steps; where the
// output of each step is, among the packed ones; whether there is one; the lengths of packed rows,
// the rows that they are, and where each row has gone.
const RegisterOp pack_sequences({
    .name = "pack_sequences",
    .infer = [](const Node& node, std::span<const TensorType> inputs) -> std::vector<TensorType> {
      const TensorType& mask = inputs[0];
      if (mask.dtype != DType::Bool || mask.shape.rank() != 2) {
        throw ShapeError(fmt::format("{}: the mask must be bool (batch, steps), not {}{}",
                                     node.where(), name_of(mask.dtype), mask.shape.str()));
      }
      const TensorType each{DType::Int64, mask.shape};
      const TensorType rows{DType::Int64, Shape{mask.shape[0]}};
      return {each, each, mask, rows, rows, rows};
    },
    .gradient = [](const GradientRequest&) -> std::vector<Value> { return {Value()}; },
});

/// Steps (N, T, …) by their numbers among the N T.
Value steps_at(Value sequence, Value numbers) {
  const Shape row = sequence.shape().drop_front().drop_front();
  const std::int64_t count = sequence.dim(0) * sequence.dim(1);
  return gather(reshape(sequence, row.prepend(count)), numbers);
}

/// (N) or (N, T) -> that with axes of extent 1, of the rank of `value`.
Value along(Value mask, Value value) {
  while (mask.rank() < value.rank()) mask = expand_dims(mask, -1);
  return mask;
}

Value or_zeros(Value shown, Value value) {
  return where(along(shown, value), value, zeros_like(value));
}

}  // namespace

PackedSequences::PackedSequences(Value counts) : mask(counts) {
  const std::vector<Value> inputs{counts};
  const std::vector<Value> packed = counts.graph().add("pack_sequences", inputs, {});
  steps_ = packed[0];
  places_ = packed[1];
  begun_ = packed[2];
  lengths = packed[3];
  order_ = packed[4];
  back_ = packed[5];
}

Value PackedSequences::pack(Value sequence) const { return steps_at(sequence, steps_); }

Value PackedSequences::unpack(Value sequence, bool zeros) const {
  return or_zeros(zeros ? mask : begun_, steps_at(sequence, places_));
}

Value PackedSequences::pack_rows(Value rows) const { return gather(rows, order_); }

Value PackedSequences::unpack_rows(Value rows) const { return gather(rows, back_); }

Value PackedSequences::last(Value states, bool zeros) const {
  return or_zeros(select(zeros ? mask : begun_, 1, mask.dim(1) - 1), states);
}

}  // namespace sinew::ops
