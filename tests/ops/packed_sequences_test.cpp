#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "sinew/autodiff/gradients.h"
#include "sinew/base/error.h"
#include "sinew/compiler/eval.h"
#include "sinew/ops/ops.h"

namespace sinew {
namespace {

constexpr std::int64_t kRows = 5, kSteps = 4;
/// Padding on the right and on the left, holes, nothing that counts.
constexpr bool kMask[] = {true, true,  false, false, false, true,  true,  true, true,  false,
                          true, false, false, false, false, false, false, true, false, true};

Value mask(Graph& graph) {
  return graph.constant(
      Tensor::from(std::vector<std::uint8_t>(std::begin(kMask), std::end(kMask)), {kRows, kSteps})
          .cast(DType::Bool));
}

/// 1, 2, …: (5, 4, 1).
Tensor numbers() {
  Tensor tensor({kRows, kSteps, 1}, DType::Float64);
  for (std::size_t i = 0; i < 20; ++i) tensor.data<double>()[i] = static_cast<double>(i) + 1;
  return tensor;
}

std::vector<double> list(const Tensor& tensor) {
  std::vector<double> result;
  for (std::int64_t i = 0; i < tensor.numel(); ++i) result.push_back(tensor.at(i));
  return result;
}

TEST(PackedSequences, CountingStepsComeFirstAndLongRowsToo) {
  Graph graph;
  const ops::PackedSequences packed(mask(graph));
  const auto found = eval({packed.lengths, packed.pack(graph.constant(numbers()))});
  EXPECT_EQ(list(found[0]), (std::vector<double>{3, 2, 2, 2, 0}));
  EXPECT_EQ(list(found[1]), (std::vector<double>{6,  7,  8,  5,  1,  2,  3,  4,  9,  11,
                                                 10, 12, 18, 20, 17, 19, 13, 14, 15, 16}));
}

TEST(PackedSequences, UnpackingRepeatsTheLastOutputOrHasZeros) {
  Graph graph;
  const ops::PackedSequences packed(mask(graph));
  const Value x = packed.pack(graph.constant(numbers()));
  const auto found = eval({packed.unpack(x, false), packed.unpack(x, true)});
  EXPECT_EQ(list(found[0]),
            (std::vector<double>{1, 2, 2, 2, 0, 6, 7, 8, 9, 9, 11, 11, 0, 0, 0, 0, 0, 18, 18, 20}));
  EXPECT_EQ(list(found[1]),
            (std::vector<double>{1, 2, 0, 0, 0, 6, 7, 8, 9, 0, 11, 0, 0, 0, 0, 0, 0, 18, 0, 20}));
}

TEST(PackedSequences, RowsGoThereAndBack) {
  Graph graph;
  const ops::PackedSequences packed(mask(graph));
  const Value rows = graph.constant(Tensor::from(std::vector<double>{1, 2, 3, 4, 5}, {kRows, 1}));
  const Value there = packed.pack_rows(rows);
  const auto found =
      eval({there, packed.unpack_rows(there), packed.last(rows, false), packed.last(rows, true)});
  EXPECT_EQ(list(found[0]), (std::vector<double>{2, 1, 3, 5, 4}));
  EXPECT_EQ(list(found[1]), (std::vector<double>{1, 2, 3, 4, 5}));
  EXPECT_EQ(list(found[2]), (std::vector<double>{1, 2, 3, 0, 5}));
  EXPECT_EQ(list(found[3]), (std::vector<double>{0, 2, 0, 0, 5}));
}

TEST(PackedSequences, GradientsGoToTheStepsThatCount) {
  Graph graph;
  const ops::PackedSequences packed(mask(graph));
  const Value x = graph.input("x", DType::Float64, {kRows, kSteps, 1});
  const Value y = packed.unpack(packed.pack(x), false);
  const Tensor slopes = eval(gradients(ops::sum(y * graph.constant(numbers())), std::vector{x}),
                             {{"x", numbers()}})[0];
  // Each output's number goes to the step that it shows.
  EXPECT_EQ(list(slopes),
            (std::vector<double>{1, 9, 0, 0, 0, 6, 7, 8, 19, 0, 23, 0, 0, 0, 0, 0, 0, 37, 0, 20}));
}

TEST(PackedSequences, RefusesWhatIsNoMask) {
  Graph graph;
  EXPECT_THROW(ops::PackedSequences(graph.input("x", DType::Float32, {2, 3})), ShapeError);
  EXPECT_THROW(ops::PackedSequences(graph.input("y", DType::Bool, {2, 3, 1})), ShapeError);
}

}  // namespace
}  // namespace sinew
