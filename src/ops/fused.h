#pragma once

#include <cstdint>
#include <vector>

#include "ops/elementwise_code.h"
#include "sinew/graph/graph.h"

namespace sinew::ops {

/// The body of op "fused": a loop over a domain that loads its operands' elements, runs
/// element-wise instructions and stores results. One node may run the same body over several
/// independent groups of operands ("segments"): that is how all weights of a model are updated in
/// one step.
struct FusedCode {
  /// Registers are numbered: inputs first, then constants, then the results of the instructions.
  struct Instruction {
    Elementwise code;
    std::int64_t operands[3] = {-1, -1, -1};
  };
  std::int64_t inputs = 0;
  std::vector<double> constants;
  std::vector<Instruction> instructions;
  /// Registers stored to the outputs.
  std::vector<std::int64_t> results;
  std::int64_t segments = 1;
  /// Float64 when an operand is float64 or an integer wider than float32 can hold, else Float32.
  DType compute = DType::Float32;

  Attributes to_attributes() const;
  static FusedCode from(const Attributes& attributes);
};

/// The dtype in which a fused loop with such operands computes.
DType compute_dtype(DType operand);

/// Instructions that one fused loop may have, so that its registers fit into the first-level cache.
inline constexpr std::size_t kMaxFusedInstructions = 48;

}  // namespace sinew::ops
