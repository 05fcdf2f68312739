#include "ops/fused.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <set>

#include "ops/fused_text.h"
#include "sinew/base/error.h"
#include "sinew/graph/op.h"

namespace sinew::ops {

bool loop_folds(const TensorType& operand, std::span<const std::int64_t> axes) {
  return is_floating(operand.dtype) && operand.shape.numel() > 0 && !axes.empty() &&
         axes.back() - axes.front() + 1 == static_cast<std::int64_t>(axes.size());
}

DType compute_dtype(DType operand) {
  return operand == DType::Float64 || operand == DType::Int64 || operand == DType::Int32
             ? DType::Float64
             : DType::Float32;
}

Attributes FusedCode::to_attributes() const {
  Attributes attributes{{"inputs", inputs},
                        {"code", code_text(*this)},
                        {"results", results_text(*this)},
                        {"segments", segments},
                        {"compute", std::string(name_of(compute))}};
  if (!laid_out.empty()) attributes.set("laid_out", laid_out);
  return attributes;
}

FusedCode FusedCode::from(const Attributes& attributes) {
  FusedCode fused;
  fused.inputs = attributes.integer("inputs");
  fused.segments = attributes.integer("segments");
  fused.compute = dtype_from_name(attributes.get<std::string>("compute"));
  fused.laid_out = attributes.get_or<std::vector<std::int64_t>>("laid_out", {});
  read_texts(attributes.get<std::string>("code"), attributes.get<std::string>("results"), fused);
  return fused;
}

std::int64_t FusedCode::constant(double value) {
  // By bits: 0 and -0 differ, and NaN is equal to itself.
  const auto at = std::find_if(constants.begin(), constants.end(), [&](double known) {
    return std::bit_cast<std::uint64_t>(known) == std::bit_cast<std::uint64_t>(value);
  });
  const std::int64_t index = inputs + (at - constants.begin());
  if (at == constants.end()) constants.push_back(value);
  return index;
}

Shape FusedCode::domain(std::span<const TensorType> operands) {
  Shape shape;
  for (const TensorType& operand : operands) shape = broadcast_shapes(shape, operand.shape);
  return shape;
}

TensorType FusedCode::type_of(const Result& result, const Shape& domain) const {
  if (result.fold == Fold::None) return {result.dtype, domain};
  std::vector<std::int64_t> dims;
  const std::int64_t last = result.last < 0 ? domain.rank() : result.last;
  for (int axis = 0; axis < domain.rank(); ++axis) {
    if (axis < result.first || axis >= last) dims.push_back(domain[axis]);
  }
  return {result.dtype, Shape(std::move(dims))};
}

namespace {

/// Elements of the axes before `axis`: the places where a domain can be cut, whatever axes of
/// extent 1 it has.
std::int64_t elements_before(const Shape& domain, std::int64_t axis) {
  std::int64_t product = 1;
  for (int i = 0; i < static_cast<int>(axis); ++i) product *= domain[i];
  return product;
}

}  // namespace

std::optional<FusedGrid> fused_grid(const Shape& domain,
                                    std::span<const FusedCode::Result> results) {
  using Over = FusedGrid::Over;
  struct Range {
    std::int64_t begin, end;
  };
  const std::int64_t all = domain.numel();
  std::vector<Range> ranges;
  std::set<std::int64_t> cuts;
  for (const FusedCode::Result& result : results) {
    ranges.push_back({elements_before(domain, result.first),
                      elements_before(domain, result.last < 0 ? domain.rank() : result.last)});
    if (result.fold == FusedCode::Fold::None) continue;
    for (std::int64_t cut : {ranges.back().begin, ranges.back().end}) {
      if (cut > 1 && cut < all) cuts.insert(cut);
    }
  }
  if (cuts.size() > 2) return std::nullopt;
  FusedGrid grid;
  if (cuts.size() == 2) grid.outer = *cuts.begin();
  if (!cuts.empty()) grid.rows = *cuts.rbegin() / grid.outer;
  grid.columns = all == 0 ? 0 : all / (grid.outer * grid.rows);
  const std::int64_t columns_begin = grid.outer * grid.rows;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto [begin, end] = ranges[i];
    if (results[i].fold == FusedCode::Fold::None) {
      grid.over.push_back(Over::Nothing);
    } else if (begin <= 1 && end >= all) {
      grid.over.push_back(Over::All);
    } else if (begin == grid.outer && end == columns_begin) {
      grid.over.push_back(Over::Rows);
    } else if (begin == columns_begin && end == all) {
      grid.over.push_back(Over::Columns);
    } else if (begin == grid.outer && end == all) {
      grid.over.push_back(Over::Both);
    } else {
      return std::nullopt;
    }
  }
  return grid;
}

namespace {

/// Operands of one of a node's segments.
std::span<const TensorType> segment_of(const FusedCode& code, std::span<const TensorType> inputs,
                                       std::int64_t segment) {
  return inputs.subspan(static_cast<std::size_t>(segment * code.inputs),
                        static_cast<std::size_t>(code.inputs));
}

const RegisterOp fused_op({
    .name = "fused",
    .infer = [](const Node& node, std::span<const TensorType> inputs) -> std::vector<TensorType> {
      const FusedCode code = FusedCode::from(node.attributes);
      if (static_cast<std::int64_t>(inputs.size()) != code.segments * code.inputs) {
        throw InternalError(fmt::format("{}: {} operands for {} segments of {}", node.where(),
                                        inputs.size(), code.segments, code.inputs));
      }
      std::vector<TensorType> outputs;
      for (std::int64_t segment = 0; segment < code.segments; ++segment) {
        const Shape domain = FusedCode::domain(segment_of(code, inputs, segment));
        if (!fused_grid(domain, code.results)) {
          throw InternalError(
              fmt::format("{}: folds of {} do not go into one pass", node.where(), domain.str()));
        }
        for (const FusedCode::Result& result : code.results)
          outputs.push_back(code.type_of(result, domain));
      }
      for (std::int64_t output : code.laid_out) {
        TensorType type = outputs.at(static_cast<std::size_t>(output));
        // The layout may be one of the elements seen with another shape.
        const Shape& seen = node.outputs.at(outputs.size()).shape;
        if (seen.numel() == type.shape.numel()) type.shape = seen;
        outputs.push_back(std::move(type));
      }
      return outputs;
    },
    .flops =
        [](const Node& node, std::span<const TensorType> inputs) {
          const FusedCode code = FusedCode::from(node.attributes);
          double elements = 0;
          for (std::int64_t segment = 0; segment < code.segments; ++segment) {
            elements +=
                static_cast<double>(FusedCode::domain(segment_of(code, inputs, segment)).numel());
          }
          const auto folds = std::count_if(
              code.results.begin(), code.results.end(),
              [](const FusedCode::Result& r) { return r.fold != FusedCode::Fold::None; });
          return elements *
                 static_cast<double>(code.instructions.size() + static_cast<std::size_t>(folds));
        },
});

}  // namespace
}  // namespace sinew::ops
