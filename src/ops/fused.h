#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "ops/elementwise_code.h"
#include "sinew/graph/graph.h"

namespace sinew::ops {

/// The body of op "fused": one pass over a domain that loads its operands' elements, runs
/// element-wise instructions, and stores registers or folds them over axes of the domain (sum,
/// maximum, minimum). The domain is the shape that the operands broadcast to. One node may run the
/// same body over several independent groups of operands
/// ("segments"): that is how all weights of a model are updated in one step.
///
/// As attributes it reads
///   {code="t0 = subtract x0 x1; t1 = multiply t0 0.5", inputs=2, results="t1 float32; sum t0 0:3
///   float32", …}
/// where x are the operands, t the instructions' results, and 0:3 the axes [0, 3) that are folded;
/// "0:" is all axes.
struct FusedCode {
  /// Registers are numbered: inputs first, then constants, then the results of the instructions.
  struct Instruction {
    Elementwise code;
    std::int64_t operands[3] = {-1, -1, -1};
  };
  enum class Fold { None, Sum, Max, Min };
  /// What one output holds: a register, stored as it is or folded over the axes [first, last) of
  /// the domain, which the output then lacks. A negative `last` stands for the domain's rank.
  struct Result {
    std::int64_t source = 0;
    DType dtype = DType::Float32;
    Fold fold = Fold::None;
    std::int64_t first = 0;
    std::int64_t last = -1;
  };
  std::int64_t inputs = 0;
  std::vector<double> constants;
  std::vector<Instruction> instructions;
  std::vector<Result> results;
  std::int64_t segments = 1;
  /// Outputs (of any segment, not folded) that are given a second time, behind all others: each in
  /// the layout of its own type. That is how a weight's new value gets into every layout that
  /// kernels read it in.
  std::vector<std::int64_t> laid_out;
  /// Float64 when an operand is float64 or an integer wider than float32 can hold, else Float32.
  DType compute = DType::Float32;

  Attributes to_attributes() const;
  static FusedCode from(const Attributes& attributes);

  /// The register of a constant, which is added unless it is there. Only before there are
  /// instructions.
  std::int64_t constant(double value);
  /// What all operands of a segment broadcast to.
  static Shape domain(std::span<const TensorType> operands);
  TensorType type_of(const Result& result, const Shape& domain) const;
};

/// A domain seen as outer x rows x columns, such that each fold of a loop goes over its rows, its
/// columns, both of them, or everything.
struct FusedGrid {
  enum class Over { Nothing, Rows, Columns, Both, All };
  std::int64_t outer = 1;
  std::int64_t rows = 1;
  std::int64_t columns = 1;
  /// Of each result.
  std::vector<Over> over;
};
/// The grid of a loop's folds; nothing when there is none, so that the folds do not go into one
/// pass.
std::optional<FusedGrid> fused_grid(const Shape& domain,
                                    std::span<const FusedCode::Result> results);

/// Whether a loop can fold such an operand over these axes: floating numbers over neighbouring
/// axes. Integers are left to their own kernel: sums of them are exact.
bool loop_folds(const TensorType& operand, std::span<const std::int64_t> axes);

/// The dtype in which a fused loop with such operands computes.
DType compute_dtype(DType operand);

/// Instructions that one fused loop may have, so that its registers fit into the first-level cache.
inline constexpr std::size_t kMaxFusedInstructions = 48;
/// More operands than this would not be worth one loop: each may take a register.
inline constexpr std::size_t kMaxFusedInputs = 24;
/// Folds that one loop may have: each keeps an accumulator in the cache.
inline constexpr std::size_t kMaxFusedFolds = 8;

}  // namespace sinew::ops
