#include "nn/keras_record.h"

namespace sinew {
namespace {

using namespace layers;

/// softmax over the steps that are seen of `score`, times the values: for one sample.
template <typename Score>
std::vector<double> attended(const Tensor& q, const Tensor& v, bool causal, const Score& score) {
  const std::int64_t queries = q.shape()[1], steps = v.shape()[1], width = v.shape()[2];
  std::vector<double> result;
  for (std::int64_t t = 0; t < queries; ++t) {
    std::vector<double> weights;
    double sum = 0;
    for (std::int64_t s = 0; s < steps; ++s) {
      weights.push_back(causal && s > t ? 0 : std::exp(score(t, s)));
      sum += weights.back();
    }
    for (std::int64_t e = 0; e < width; ++e) {
      double y = 0;
      for (std::int64_t s = 0; s < steps; ++s)
        y += weights[static_cast<std::size_t>(s)] / sum * v.at(s * width + e);
      result.push_back(y);
    }
  }
  return result;
}

TEST(Attention, FollowsItsFormulas) {
  const Tensor q = wave({1, 3, 4}, 0), v = wave({1, 5, 2}, 1), k = wave({1, 5, 4}, 2);
  const std::int64_t width = 4;
  const auto term = [&](std::int64_t t, std::int64_t s, std::int64_t f) {
    return std::tanh(q.at(t * width + f) + k.at(s * width + f));
  };
  for (bool causal : {false, true}) {
    expect_near(
        run_layer(Attention({.use_causal_mask = causal, .dtype = DType::Float64}), {q, v, k})[0],
        attended(q, v, causal,
                 [&](std::int64_t t, std::int64_t s) {
                   double sum = 0;
                   for (std::int64_t f = 0; f < width; ++f)
                     sum += q.at(t * width + f) * k.at(s * width + f);
                   return sum;
                 }),
        1e-12);
    expect_near(
        run_layer(
            Attention({.score_mode = "concat", .use_causal_mask = causal, .dtype = DType::Float64}),
            {q, v, k})[0],
        attended(q, v, causal,
                 [&](std::int64_t t, std::int64_t s) {
                   double sum = 0;
                   for (std::int64_t f = 0; f < width; ++f) sum += term(t, s, f);
                   return sum;
                 }),
        1e-12);
    const LayerPtr additive =
        AdditiveAttention({.use_causal_mask = causal, .dtype = DType::Float64});
    additive->ensure_built({{DType::Float64, q.shape()}, {DType::Float64, k.shape()}});
    additive->weights()[0]->assign(f64({1, -2, 3, 0.5}, {4}));
    const double scale[] = {1, -2, 3, 0.5};
    expect_near(run_layer(additive, {q, v, k})[0],
                attended(q, v, causal,
                         [&](std::int64_t t, std::int64_t s) {
                           double sum = 0;
                           for (std::int64_t f = 0; f < width; ++f) sum += scale[f] * term(t, s, f);
                           return sum;
                         }),
                1e-12);
  }
}

TEST(Attention, DropsWeightsInTraining) {
  const Tensor q = Tensor::full({1, 50, 2}, 1.0), v = Tensor::full({1, 40, 3}, 1.0);
  const Tensor k = Tensor::full({1, 40, 2}, 1.0);
  for (const LayerPtr& layer : {Attention({.dropout = 0.5}), AdditiveAttention({.dropout = 0.5})}) {
    expect_near(run_layer(layer, {q, v, k})[0], std::vector<double>(150, 1.0));
    // Each result is the share of 40 equal weights that stay, doubled.
    const Tensor y = run_layer(layer, {q, v, k}, true)[0];
    double mean = 0, largest = 0;
    for (std::int64_t i = 0; i < y.numel(); ++i) {
      mean += y.at(i) / static_cast<double>(y.numel());
      largest = std::max(largest, std::abs(y.at(i) - 1));
    }
    EXPECT_NEAR(mean, 1, 0.1);
    EXPECT_GT(largest, 0.1);
  }
}

/// With as many heads of keys as of queries it is MultiHeadAttention.
TEST(GroupQueryAttention, WithAHeadEachIsMultiHeadAttention) {
  const LayerPtr grouped =
      GroupQueryAttention(3, 2, 2, {.use_causal_mask = true, .dtype = DType::Float64});
  const LayerPtr multi =
      MultiHeadAttention(2, 3, {.use_causal_mask = true, .dtype = DType::Float64});
  const Tensor x = wave({2, 4, 5}, 0);
  for (const LayerPtr& layer : {grouped, multi})
    layer->ensure_built({{DType::Float64, x.shape()}, {DType::Float64, x.shape()}});
  ASSERT_EQ(grouped->weights().size(), multi->weights().size());
  for (std::size_t i = 0; i < multi->weights().size(); ++i) {
    const VariablePtr &from = multi->weights()[i], &to = grouped->weights()[i];
    ASSERT_EQ(from->shape(), to->shape());
    to->assign(from->value());
  }
  const Tensor y = run_layer(multi, {x, x})[0];
  expect_near(run_layer(grouped, {x, x})[0], {y.data<double>().begin(), y.data<double>().end()},
              1e-12);
}

TEST(Attention, Errors) {
  const TensorType x{DType::Float32, {-1, 4, 5}}, other{DType::Float32, {-1, 3, 6}};
  EXPECT_EQ(
      message_of<ShapeError>([&] { Attention({.name = "a"})->ensure_built({x}); }),
      "Attention \"a\": takes a query, a value and optionally a key, but 1 inputs were given");
  EXPECT_EQ(message_of<ShapeError>([&] {
              Attention({.name = "a"})->ensure_built({x, other});
            }),
            "Attention \"a\": query (None, 4, 5) and key (None, 3, 6) must have as many features");
  EXPECT_EQ(message_of<ShapeError>([&] {
              Attention({.name = "a"})->ensure_built({x, other, x});
            }),
            "Attention \"a\": value (None, 3, 6) and key (None, 4, 5) must have as many steps");
  EXPECT_EQ(message_of<ValueError>([] { Attention({.score_mode = "dit", .name = "a"}); }),
            "Attention \"a\": unknown score_mode 'dit': did you mean 'dot'? Known: dot, concat");
  EXPECT_EQ(message_of<ValueError>([] { GroupQueryAttention(2, 3, 2, {.name = "g"}); }),
            "GroupQueryAttention \"g\": 3 query heads cannot share 2 heads of keys and values "
            "equally");
}

}  // namespace
}  // namespace sinew
