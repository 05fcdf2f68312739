#include "sinew/ops/attention.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ops/op_harness.h"
#include "sinew/autodiff/gradients.h"
#include "sinew/compiler/eval.h"
#include "sinew/ops/ops.h"

namespace sinew::testing_ops {
namespace {

struct Extents {
  std::int64_t samples, queries, keys, heads, width, value_width;
};

/// What mask there is, and over which extents of (N, H, T, S).
struct Mask {
  bool causal = false;
  Shape shape = {};
  Draw draw = Draw::Flag;
};

/// The formula, loop by loop. A Bool mask puts the same far value in place of the scores.
Array reference(const Extents& e, const Mask& mask, double scale, const std::vector<Array>& x) {
  Array y(Shape{e.samples, e.queries, e.heads, e.value_width});
  const double hidden = -1e30;
  for (std::int64_t n = 0; n < e.samples; ++n) {
    for (std::int64_t h = 0; h < e.heads; ++h) {
      for (std::int64_t t = 0; t < e.queries; ++t) {
        std::vector<double> p(static_cast<std::size_t>(e.keys));
        for (std::int64_t s = 0; s < e.keys; ++s) {
          double score = 0;
          for (std::int64_t d = 0; d < e.width; ++d)
            score += scale * x[0].at({n, t, h, d}) * x[1].at({n, s, h, d});
          if (x.size() > 3) {
            const std::int64_t index[] = {n, h, t, s};
            std::int64_t flat = 0;
            for (int axis = 0; axis < mask.shape.rank(); ++axis) {
              const std::int64_t extent = mask.shape[axis];
              flat = flat * extent + (extent == 1 ? 0 : index[4 - mask.shape.rank() + axis]);
            }
            if (mask.draw != Draw::Flag) score += x[3][flat];
            if (mask.draw == Draw::Flag && x[3][flat] == 0) score = hidden;
          }
          p[static_cast<std::size_t>(s)] = mask.causal && s > t ? hidden : score;
        }
        const double largest = *std::max_element(p.begin(), p.end());
        double sum = 0;
        for (double& value : p) sum += value = std::exp(value - largest);
        for (std::int64_t i = 0; i < e.value_width; ++i) {
          for (std::int64_t s = 0; s < e.keys; ++s)
            y.at({n, t, h, i}) += p[static_cast<std::size_t>(s)] / sum * x[2].at({n, s, h, i});
        }
      }
    }
  }
  return y;
}

OpCase attention(const std::string& name, const Extents& e, const Mask& mask = {},
                 std::optional<double> scale = {}) {
  OpCase c;
  c.name = name;
  c.inputs = {{{e.samples, e.queries, e.heads, e.width}},
              {{e.samples, e.keys, e.heads, e.width}},
              {{e.samples, e.keys, e.heads, e.value_width}}};
  if (mask.shape.rank() > 0) c.inputs.push_back({mask.shape, mask.draw});
  c.build = [=](const std::vector<Value>& x) {
    return ops::attention(
        x[0], x[1], x[2],
        {.scale = scale, .causal = mask.causal, .mask = x.size() > 3 ? x[3] : Value()});
  };
  const double factor = scale.value_or(1 / std::sqrt(static_cast<double>(e.width)));
  c.reference = [=](const std::vector<Array>& x) { return reference(e, mask, factor, x); };
  c.terms = 8;
  return c;
}

std::vector<OpCase> cases() {
  return {
      attention("one", {1, 1, 1, 1, 1, 1}),
      attention("small", {2, 3, 3, 2, 4, 4}),
      attention("odd", {2, 5, 7, 3, 3, 9}),
      attention("scaled", {1, 4, 6, 1, 33, 17}, {}, 0.3),
      attention("two_panels", {1, 9, 34, 2, 40, 33}),
      attention("two_blocks", {1, 130, 131, 1, 5, 3}),
      attention("many_keys", {1, 2, 300, 1, 4, 4}),
      attention("wide", {1, 3, 70, 1, 512, 260}),
      attention("too_wide_for_blocks", {1, 2, 3, 1, 513, 4}),
      attention("causal", {2, 5, 5, 2, 4, 3}, {.causal = true}),
      attention("causal_more_keys", {1, 4, 150, 1, 4, 4}, {.causal = true}),
      attention("causal_more_queries", {1, 140, 6, 1, 2, 2}, {.causal = true}),
      attention("causal_two_blocks", {1, 135, 135, 1, 2, 2}, {.causal = true}),
      attention("mask", {2, 5, 6, 2, 4, 4}, {.shape = {2, 2, 5, 6}}),
      attention("mask_of_keys", {2, 4, 5, 3, 4, 4}, {.shape = {2, 1, 1, 5}}),
      attention("mask_of_queries", {2, 4, 5, 3, 4, 4}, {.shape = {4, 1}}),
      attention("mask_and_causal", {2, 4, 4, 1, 3, 3}, {.causal = true, .shape = {2, 1, 4, 4}}),
      attention("added", {2, 4, 6, 2, 3, 3}, {.shape = {2, 1, 4, 6}, .draw = Draw::Normal}),
      attention("added_of_heads", {2, 4, 3, 3, 2, 2}, {.shape = {3, 1, 3}, .draw = Draw::Normal}),
  };
}

SINEW_OP_TABLE(Attention, cases());

/// Queries, keys and values of eight numbers a row, of one sample and head.
Value rows(Graph& graph, const char* name, std::int64_t steps) {
  return graph.input(name, DType::Float32, {1, steps, 1, 8});
}

TEST(AttentionEnds, LargeScoresDoNotOverflow) {
  Graph graph;
  const Value q = rows(graph, "q", 2), k = rows(graph, "k", 200);
  const Tensor large = Tensor::full({1, 200, 1, 8}, 1e4);
  const Tensor y =
      eval(ops::attention(q, k, k), {{"q", Tensor::full({1, 2, 1, 8}, 1e4)}, {"k", large}});
  for (std::int64_t i = 0; i < y.numel(); ++i) EXPECT_EQ(y.at(i), 1e4f);
}

TEST(AttentionEnds, HiddenStepsHaveNoInfluence) {
  Graph graph;
  const Value q = rows(graph, "q", 3), k = rows(graph, "k", 4), v = rows(graph, "v", 4);
  const Value visible =
      ops::less(ops::arange(graph, 4), ops::scalar_like(ops::arange(graph, 4), 3));
  const Value masked = ops::attention(q, k, v, {.mask = visible});
  const Value shorter = ops::attention(q, ops::slice(k, 1, 0, 3), ops::slice(v, 1, 0, 3));
  Tensor values = Tensor::full({1, 4, 1, 8}, 0.5);
  for (std::size_t i = 0; i < 32; ++i)
    values.data<float>()[i] = i < 24 ? static_cast<float>(i) * 0.1f : 1e30f;
  const auto found = eval({masked, shorter},
                          {{"q", Tensor::full({1, 3, 1, 8}, 0.1)}, {"k", values}, {"v", values}});
  for (std::int64_t i = 0; i < found[0].numel(); ++i)
    EXPECT_FLOAT_EQ(found[0].at(i), found[1].at(i));
}

TEST(AttentionEnds, AStepThatSeesNothingAttendsToAllAlike) {
  Graph graph;
  const Value q = rows(graph, "q", 2), k = rows(graph, "k", 4);
  const Value nothing = ops::less(ops::arange(graph, 4), ops::zeros(graph, {1}, DType::Int64));
  const Value y = ops::attention(q, k, k, {.mask = nothing});
  Tensor keys({1, 4, 1, 8});
  for (std::size_t i = 0; i < 32; ++i) keys.data<float>()[i] = static_cast<float>(i / 8);
  const std::vector<Value> of{q, k};
  const std::vector<Value> slopes = gradients(ops::sum(y), of);
  const auto found =
      eval({y, slopes[0], slopes[1]}, {{"q", Tensor::full({1, 2, 1, 8}, 0.1)}, {"k", keys}});
  for (std::int64_t i = 0; i < 16; ++i) EXPECT_FLOAT_EQ(found[0].at(i), 1.5f);
  for (std::int64_t i = 0; i < 16; ++i) EXPECT_EQ(found[1].at(i), 0.0f);
  for (std::int64_t i = 0; i < 32; ++i) EXPECT_FLOAT_EQ(found[2].at(i), 0.5f);
}

TEST(AttentionEnds, NotANumberIsNotLost) {
  Graph graph;
  const Value q = rows(graph, "q", 2), k = rows(graph, "k", 200);
  Tensor keys = Tensor::full({1, 200, 1, 8}, 0.5);
  keys.data<float>()[150 * 8] = std::numeric_limits<float>::quiet_NaN();
  const Tensor y = eval(ops::attention(q, k, ops::ones_like(k)),
                        {{"q", Tensor::full({1, 2, 1, 8}, 1.0)}, {"k", keys}});
  for (std::int64_t i = 0; i < y.numel(); ++i) EXPECT_TRUE(std::isnan(y.at(i)));
}

}  // namespace
}  // namespace sinew::testing_ops
