#include "sinew/nn/metrics.h"

#include <cmath>

#include "nn/layer_harness.h"

namespace sinew {
namespace {

struct Batch {
  Tensor y_true;
  Tensor y_pred;
  Tensor weights = {};
};

/// The metric's result after these batches, each a run of the same program.
double gathered(const MetricPtr& given, const std::vector<Batch>& batches) {
  const Batch& first = batches.front();
  const std::shared_ptr<Metric> metric = given.resolve(
      {first.y_true.dtype(), first.y_true.shape()}, {first.y_pred.dtype(), first.y_pred.shape()});
  Graph graph;
  CallContext context{.graph = graph};
  const auto input = [&](const char* name, const Tensor& t) {
    return graph.input(name, t.dtype(), t.shape());
  };
  const Value y_true = input("t", first.y_true);
  const Value y_pred = input("p", first.y_pred);
  metric->update(context, y_true, y_pred,
                 first.weights.defined() ? input("w", first.weights) : Value{});
  const auto executable = compiler::compile(std::move(graph));
  EXPECT_EQ(metric->result(), 0.0);
  for (const Batch& batch : batches) {
    std::vector<Tensor> inputs = {batch.y_true, batch.y_pred};
    if (batch.weights.defined()) inputs.push_back(batch.weights);
    executable->run(inputs);
  }
  const double result = metric->result();
  metric->reset();
  EXPECT_EQ(metric->result(), 0.0);
  return result;
}

Tensor labels(const std::vector<std::int64_t>& values) {
  return Tensor::from(values, {static_cast<std::int64_t>(values.size())});
}

const Tensor kScores = f32({0.1, 0.7, 0.2, 0.5, 0.3, 0.2, 0.1, 0.2, 0.7}, {3, 3});
const Tensor kOneHot = f32({0, 1, 0, 0, 1, 0, 0, 0, 1}, {3, 3});

TEST(Metrics, SparseCategoricalAccuracy) {
  EXPECT_DOUBLE_EQ(gathered("sparse_categorical_accuracy",
                            {{labels({1, 1, 2}), kScores}, {labels({0, 1, 0}), kScores}}),
                   2.0 / 6);
  EXPECT_DOUBLE_EQ(gathered("sparse_categorical_accuracy",
                            {{labels({1, 1, 2}).reshape({3, 1}), kScores, f32({1, 2, 1}, {3})}}),
                   0.5);
}

TEST(Metrics, CategoricalAccuracy) {
  EXPECT_DOUBLE_EQ(gathered("categorical_accuracy", {{kOneHot, kScores}}), 2.0 / 3);
}

TEST(Metrics, BinaryAccuracy) {
  const Tensor truth = f32({0, 1, 1, 0}, {4, 1});
  const Tensor scores = f32({0.2, 0.5, 0.9, 0.7}, {4, 1});
  EXPECT_DOUBLE_EQ(gathered("binary_accuracy", {{truth, scores}}), 0.5);
  EXPECT_DOUBLE_EQ(gathered("BinaryAccuracy(threshold=0.45)", {{truth, scores}}), 0.75);
  EXPECT_DOUBLE_EQ(gathered("binary_accuracy", {{truth.reshape({4}), scores}}), 0.5);
}

TEST(Metrics, AccuracyResolvesByShape) {
  EXPECT_DOUBLE_EQ(gathered("accuracy", {{labels({1, 1, 2}), kScores}}), 2.0 / 3);
  EXPECT_DOUBLE_EQ(gathered("acc", {{labels({1, 1, 2}).reshape({3, 1}), kScores}}), 2.0 / 3);
  EXPECT_DOUBLE_EQ(gathered("accuracy", {{kOneHot, kScores}}), 2.0 / 3);
  EXPECT_DOUBLE_EQ(gathered("accuracy", {{f32({0, 1}, {2}), f32({0.2, 0.3}, {2, 1})}}), 0.5);
  const TensorType scores = {DType::Float32, {3, 3}};
  EXPECT_EQ(MetricPtr("accuracy").resolve(scores, scores)->name(), "accuracy");
  EXPECT_EQ(MetricPtr("accuracy").resolve(scores, scores)->identifier(), "CategoricalAccuracy");
  EXPECT_EQ(MetricPtr("acc").identifier(), "acc");
}

TEST(Metrics, TopK) {
  EXPECT_DOUBLE_EQ(gathered("TopKCategoricalAccuracy(k=2)", {{kOneHot, kScores}}), 1.0);
  EXPECT_DOUBLE_EQ(gathered("TopKCategoricalAccuracy(k=1)", {{kOneHot, kScores}}), 2.0 / 3);
  EXPECT_DOUBLE_EQ(
      gathered(metrics::SparseTopKCategoricalAccuracy(2), {{labels({0, 2, 1}), kScores}}), 1.0 / 3);
}

TEST(Metrics, Regression) {
  const std::vector<Batch> batches = {{f32({1, 2}, {1, 2}), f32({3, 5}, {1, 2})},
                                      {f32({0, 0}, {1, 2}), f32({1, 1}, {1, 2})}};
  EXPECT_DOUBLE_EQ(gathered("mse", batches), (6.5 + 1) / 2);
  EXPECT_DOUBLE_EQ(gathered("mae", batches), (2.5 + 1) / 2);
  EXPECT_DOUBLE_EQ(gathered("RootMeanSquaredError", batches), std::sqrt(3.75));
}

TEST(Metrics, CrossentropiesAreMeansOfTheirLoss) {
  EXPECT_NEAR(gathered("sparse_categorical_crossentropy", {{labels({1, 0, 2}), kScores}}),
              -(std::log(0.7) + std::log(0.5) + std::log(0.7)) / 3, 1e-6);
  EXPECT_NEAR(gathered("categorical_crossentropy", {{kOneHot, kScores}}),
              -(std::log(0.7) + std::log(0.3) + std::log(0.7)) / 3, 1e-6);
}

TEST(Metrics, MeanWeighsEachBatch) {
  MeanMetric loss("loss");
  Graph graph;
  CallContext context{.graph = graph};
  const Value value = graph.input("loss", DType::Float32, {});
  const Value batch = graph.input("batch", DType::Float32, {});
  loss.update_values(context, value, batch);
  const auto executable = compiler::compile(std::move(graph));
  executable->run(std::vector{Tensor::scalar(2.0f), Tensor::scalar(32.0f)});
  executable->run(std::vector{Tensor::scalar(1.0f), Tensor::scalar(8.0f)});
  EXPECT_DOUBLE_EQ(loss.result(), 72.0 / 40);
  EXPECT_EQ(loss.variables()[0]->name(), "loss/total");
}

TEST(Metrics, IdentifiersRoundTrip) {
  for (const char* text : {"Mean", "BinaryAccuracy(threshold=0.25)", "CategoricalAccuracy",
                           "TopKCategoricalAccuracy(k=3)", "RootMeanSquaredError",
                           "BinaryCrossentropy(from_logits=true)"}) {
    EXPECT_EQ(MetricPtr(text).identifier(), text);
  }
  EXPECT_EQ(MetricPtr("mse")->name(), "mse");
}

TEST(Metrics, Errors) {
  EXPECT_THAT(message_of<ValueError>([] { MetricPtr("acuracy"); }),
              testing::HasSubstr("unknown metric 'acuracy': did you mean 'accuracy'?"));
  EXPECT_THAT(message_of<ValueError>([] { MetricPtr("TopKCategoricalAccuracy(k=0)"); }),
              testing::HasSubstr("k is 0"));
  EXPECT_THAT(message_of<ShapeError>([] {
                gathered("categorical_accuracy", {{labels({1, 1, 2}), kScores}});
              }),
              testing::HasSubstr("Use sparse_categorical_accuracy"));
}

}  // namespace
}  // namespace sinew
