#include "ops/fused.h"

#include "sinew/graph/op.h"

namespace sinew::ops {

DType compute_dtype(DType operand) {
  return operand == DType::Float64 || operand == DType::Int64 || operand == DType::Int32
             ? DType::Float64
             : DType::Float32;
}

Attributes FusedCode::to_attributes() const {
  std::vector<std::int64_t> code;
  for (const Instruction& instruction : instructions) {
    code.push_back(static_cast<std::int64_t>(instruction.code));
    code.insert(code.end(), std::begin(instruction.operands), std::end(instruction.operands));
  }
  return {{"inputs", inputs},     {"constants", constants},
          {"code", code},         {"results", results},
          {"segments", segments}, {"compute", std::string(name_of(compute))}};
}

FusedCode FusedCode::from(const Attributes& attributes) {
  FusedCode fused;
  fused.inputs = attributes.integer("inputs");
  fused.constants = attributes.get<std::vector<double>>("constants");
  const std::vector<std::int64_t>& code = attributes.integers("code");
  for (std::size_t i = 0; i < code.size(); i += 4) {
    fused.instructions.push_back(
        {static_cast<Elementwise>(code[i]), {code[i + 1], code[i + 2], code[i + 3]}});
  }
  fused.results = attributes.integers("results");
  fused.segments = attributes.integer("segments");
  fused.compute = dtype_from_name(attributes.get<std::string>("compute"));
  return fused;
}

namespace {

const RegisterOp fused_op({
    .name = "fused",
    .flops =
        [](const Node& node, std::span<const TensorType>) {
          const FusedCode code = FusedCode::from(node.attributes);
          double elements = 0;
          for (std::size_t i = 0; i < node.outputs.size(); i += code.results.size()) {
            elements += static_cast<double>(node.outputs[i].shape.numel());
          }
          return elements * static_cast<double>(code.instructions.size());
        },
});

}  // namespace
}  // namespace sinew::ops
