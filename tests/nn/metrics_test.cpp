#include "sinew/nn/metrics.h"

#include <cmath>

#include "nn/keras/inputs.h"
#include "nn/keras/metrics.h"

namespace sinew {
namespace {

struct Batch {
  Tensor y_true;
  Tensor y_pred;
  Tensor weights = {};
};

/// The metric's results after these batches, each a run of the same program.
Tensor gathered_all(const MetricPtr& given, const std::vector<Batch>& batches) {
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
  for (std::int64_t i = 0; i < metric->result_count(); ++i) EXPECT_EQ(metric->result_at(i), 0.0);
  for (const Batch& batch : batches) {
    std::vector<Tensor> inputs = {batch.y_true, batch.y_pred};
    if (batch.weights.defined()) inputs.push_back(batch.weights);
    executable->run(inputs);
  }
  const Tensor results = metric->results();
  metric->reset();
  for (std::int64_t i = 0; i < metric->result_count(); ++i) EXPECT_EQ(metric->result_at(i), 0.0);
  return results;
}

double gathered(const MetricPtr& given, const std::vector<Batch>& batches) {
  const Tensor results = gathered_all(given, batches);
  EXPECT_EQ(results.shape(), Shape{});
  return results.at(0);
}

/// Of an object; one that is made from a bare word goes by that word.
std::string default_name(const std::string& identifier) {
  const bool bare = identifier.find('(') == std::string::npos;
  return MetricPtr(bare ? identifier + "(dtype=\"float32\")" : identifier)->name();
}

class KerasMetrics : public testing::TestWithParam<keras::MetricCase> {};

TEST_P(KerasMetrics, ResultsOverBatchesAreKeras) {
  const keras::MetricCase& c = GetParam();
  // Keras keeps confusion matrices in float32 whatever the dtype.
  const bool confusion = std::string(c.identifier).find("IoU") != std::string::npos;
  const double exact = confusion ? 3e-7 : 1e-10;
  for (const auto& [dtype, tolerance] :
       {std::pair{DType::Float64, exact}, {DType::Float32, 2e-5}}) {
    const auto batch = [&, dtype = dtype](int number, bool weighted) {
      keras::Arrays arrays = keras::metric_arrays(c.data, number);
      if (arrays.y_true.dtype() == DType::Float64) arrays.y_true = arrays.y_true.cast(dtype);
      if (arrays.y_pred.dtype() == DType::Float64) arrays.y_pred = arrays.y_pred.cast(dtype);
      Batch result{arrays.y_true, arrays.y_pred};
      const auto first = keras::kMetricWeights.begin() + 4 * number;
      if (weighted) result.weights = f64({first, first + 4}, {4}).cast(dtype);
      return result;
    };
    expect_relative(gathered_all(c.identifier, {batch(0, false)}), c.one, tolerance);
    expect_relative(gathered_all(c.identifier, {batch(0, false), batch(1, false)}), c.two,
                    tolerance);
    expect_relative(gathered_all(c.identifier, {batch(0, true), batch(1, true)}), c.weighted,
                    tolerance);
  }
}

TEST_P(KerasMetrics, IdentifierRoundTrips) {
  const std::string text = GetParam().identifier;
  EXPECT_EQ(MetricPtr(text)->Metric::identifier(), text);
}

INSTANTIATE_TEST_SUITE_P(All, KerasMetrics, testing::ValuesIn(keras::kMetrics),
                         keras::case_name<keras::MetricCase>);

TEST(Metrics, NamesAreKeras) {
  for (const keras::MetricName& c : keras::kMetricNames) {
    EXPECT_EQ(default_name(c.class_name), c.name) << c.class_name;
  }
  EXPECT_EQ(keras::kMetricNames.size(), 44u);
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
  EXPECT_EQ(MetricPtr("accuracy").resolve(scores, scores)->identifier(),
            "CategoricalAccuracy(name=\"accuracy\")");
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

TEST(Metrics, SumOfValues) {
  SumMetric sum(MetricHeading{"sum"});
  Graph graph;
  CallContext context{.graph = graph};
  const Value values = graph.input("values", DType::Float32, {2});
  sum.update_values(context, values, graph.constant(f32({1, 10}, {2})));
  const auto executable = compiler::compile(std::move(graph));
  executable->run(std::vector{f32({1, 2}, {2})});
  executable->run(std::vector{f32({3, 0}, {2})});
  EXPECT_DOUBLE_EQ(sum.result(), 24.0);
}

TEST(Metrics, ScoresThatAreNoNumbersAreNegatives) {
  const Tensor truth = f32({1, 0}, {2});
  const Tensor scores = f32({NAN, NAN}, {2});
  EXPECT_DOUBLE_EQ(gathered(metrics::FalseNegatives(), {{truth, scores}}), 1.0);
  const Tensor each =
      gathered_all(metrics::FalseNegatives({.thresholds = {0, 0.5, 1}}), {{truth, scores}});
  for (std::int64_t i = 0; i < 3; ++i) EXPECT_EQ(each.at(i), 1.0);
}

TEST(Metrics, ObjectsHaveTheirArguments) {
  EXPECT_EQ(metrics::AUC({.curve = "pr"}, "area")->identifier(),
            "AUC(curve=\"pr\", name=\"area\")");
  EXPECT_EQ(metrics::Accuracy()->identifier(), "Accuracy(name=\"accuracy\")");
  EXPECT_EQ(metrics::RecallAtPrecision(0.9, {.num_thresholds = 50})->identifier(),
            "RecallAtPrecision(num_thresholds=50, precision=0.9)");
  EXPECT_EQ(metrics::RecallAtPrecision(0.0)->identifier(), "RecallAtPrecision(precision=0.0)");
  EXPECT_EQ(metrics::IoU(3, {0, 1})->identifier(), "IoU(num_classes=3, target_class_ids=[0, 1])");
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
  const auto refuses = [](const char* identifier, const char* why) {
    EXPECT_THAT(message_of<ValueError>([&] { MetricPtr{identifier}; }), testing::HasSubstr(why));
  };
  refuses("AUC(num_thresholds=1)", "it must be at least 2");
  refuses("AUC(curve=\"RoC curve\")", "unknown curve");
  refuses("AUC(num_labels=3)", "multi_label=true only");
  refuses("Precision(thresholds=[0.5, 1.5])", "a threshold is 1.5");
  refuses("Precision(top_k=0)", "top_k is 0");
  refuses("RecallAtPrecision(precision=2.0)", "the bound is 2");
  refuses("RecallAtPrecision", "option 'precision' is missing");
  refuses("F1Score(average=\"mean\")", "unknown average");
  refuses("FBetaScore(beta=0.0)", "beta is 0");
  refuses("F1Score(threshold=2.0)", "threshold is 2");
  refuses("IoU(num_classes=2, target_class_ids=[2])", "target class 2 is outside [0, 2)");
  refuses("IoU(num_classes=2)", "target_class_ids is empty");
  refuses("R2Score(class_aggregation=\"mean\")", "unknown class_aggregation");
  refuses("R2Score(num_regressors=-1)", "num_regressors is -1");
  const auto misfits = [](const char* identifier, const Tensor& scores, const char* why) {
    EXPECT_THAT(message_of<ShapeError>([&] {
                  gathered(identifier, {{scores, scores}});
                }),
                testing::HasSubstr(why));
  };
  misfits("Precision(class_id=3)", kScores, "class_id is 3, but y_pred has shape (3, 3)");
  misfits("Recall(top_k=4)", kScores, "top_k is 4");
  misfits("F1Score", labels({1, 2}).cast(DType::Float32), "both must be (N, classes)");
  misfits("R2Score", labels({1, 2}).cast(DType::Float32), "both must be (N, outputs)");
  misfits("AUC(multi_label=true, num_labels=2)", kScores, "multi_label takes (N, 2)");
  misfits("AUC(label_weights=[1.0, 2.0])", kScores, "2 label weights");
  EXPECT_THAT(message_of<ValueError>([] {
                const auto metric = metrics::Precision({.thresholds = {0.1, 0.9}});
                static_cast<void>(metric->result());
              }),
              testing::HasSubstr("has 2 results, not one"));
  EXPECT_THAT(message_of<ShapeError>([] {
                gathered("categorical_accuracy", {{labels({1, 1, 2}), kScores}});
              }),
              testing::HasSubstr("Use sparse_categorical_accuracy"));
}

}  // namespace
}  // namespace sinew
