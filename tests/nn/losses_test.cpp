#include "sinew/nn/losses.h"

#include <cmath>

#include "nn/keras/inputs.h"
#include "nn/keras/losses.h"
#include "sinew/ops/ops.h"

namespace sinew {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// Values a sample, or reduced with these weights.
Tensor loss_of(const Loss& loss, const Tensor& y_true, const Tensor& y_pred, bool reduce = false,
               const Tensor& weights = {}) {
  Graph graph;
  const Value t = graph.constant(y_true);
  const Value p = graph.constant(y_pred);
  if (!reduce) return eval(loss.call(t, p));
  return eval(loss(t, p, weights.defined() ? graph.constant(weights) : Value{}));
}

class KerasLosses : public testing::TestWithParam<keras::LossCase> {
 protected:
  /// The loss with another reduction.
  static Loss reduced(const std::string& reduction) {
    Identifier identifier = Identifier::parse(GetParam().identifier, "loss");
    identifier.arguments.set("reduction", reduction);
    return identifier;
  }
};

TEST_P(KerasLosses, ValuesReductionsAndGradientAreKeras) {
  const keras::LossCase& c = GetParam();
  const keras::Arrays arrays = keras::loss_arrays(c.data);
  // Keras computes CTC in float32 whatever the dtype.
  const double exact = Loss(c.identifier).name() == "ctc" ? 1e-6 : 1e-10;
  for (const auto& [dtype, tolerance] :
       {std::pair{DType::Float64, exact}, {DType::Float32, 1e-5}}) {
    Graph graph;
    const bool whole = arrays.y_true.dtype() == DType::Int64;
    const Value y_true = graph.constant(whole ? arrays.y_true : arrays.y_true.cast(dtype));
    const Value y_pred = graph.constant(arrays.y_pred.cast(dtype));
    const Value values = reduced("none")(y_true, y_pred);
    const Value weighted = ops::sum(reduced("sum").call(y_true, y_pred) *
                                    graph.constant(wave(values.shape(), 9).cast(dtype)));
    std::vector<Value> wanted{values, gradients(weighted, std::vector<Value>{y_pred})[0]};
    for (const char* reduction : {"sum_over_batch_size", "sum", "mean_with_sample_weight"})
      wanted.push_back(reduced(reduction)(y_true, y_pred));
    if (!c.weighted.empty()) {
      const Value weights = graph.constant(f64(keras::kLossWeights, {4}).cast(dtype));
      for (const char* reduction : {"sum_over_batch_size", "sum", "mean_with_sample_weight"})
        wanted.push_back(reduced(reduction)(y_true, y_pred, weights));
    }
    const std::vector<Tensor> found = eval(wanted);
    expect_relative(found[0], c.values, tolerance);
    expect_relative(found[1], c.slope, tolerance);
    for (std::size_t i = 0; i < 3; ++i) expect_relative(found[2 + i], {c.reduced[i]}, tolerance);
    for (std::size_t i = 0; i < c.weighted.size(); ++i)
      expect_relative(found[5 + i], {c.weighted[i]}, tolerance);
  }
}

TEST_P(KerasLosses, IdentifierRoundTrips) {
  EXPECT_EQ(Loss(GetParam().identifier).identifier(), GetParam().identifier);
}

INSTANTIATE_TEST_SUITE_P(All, KerasLosses, testing::ValuesIn(keras::kLosses),
                         keras::case_name<keras::LossCase>);

TEST(Losses, KnowsKerasNames) {
  for (const char* name : {"bce",
                           "BCE",
                           "kld",
                           "KLD",
                           "mae",
                           "MSE",
                           "mape",
                           "msle",
                           "huber",
                           "log_cosh",
                           "logcosh",
                           "hinge",
                           "squared_hinge",
                           "categorical_hinge",
                           "dice",
                           "tversky",
                           "circle",
                           "ctc",
                           "poisson",
                           "kl_divergence",
                           "cosine_similarity",
                           "binary_focal_crossentropy",
                           "categorical_focal_crossentropy",
                           "mean_absolute_percentage_error"})
    EXPECT_TRUE(Loss(name).is_known()) << name;
  EXPECT_EQ(loss_names().size(), 22u + 7u);
}

const Tensor kTruth = f64({1, 0, 0.5, 2, -1, 3}, {2, 3});
const Tensor kPrediction = f64({0.5, 0.25, 0.5, 1, 1, 1}, {2, 3});

TEST(Losses, Regression) {
  expect_near(loss_of("mse", kTruth, kPrediction), {(0.25 + 0.0625) / 3, (1.0 + 4 + 4) / 3}, 1e-14);
  expect_near(loss_of("mean_absolute_error", kTruth, kPrediction), {0.75 / 3, 5.0 / 3}, 1e-14);
  expect_near(loss_of("MeanSquaredError", f64({1, 2}, {2}), f64({3, 5}, {2, 1})), {4, 9}, 1e-14);
}

TEST(Losses, ReductionsAndWeights) {
  const double a = 0.3125 / 3;
  const double b = 3.0;
  const Tensor weights = f64({3, 0.5}, {2});
  expect_near(loss_of("mse", kTruth, kPrediction, true), {(a + b) / 2}, 1e-14);
  expect_near(loss_of("mse", kTruth, kPrediction, true, weights), {(3 * a + 0.5 * b) / 2}, 1e-14);
  expect_near(loss_of("MeanSquaredError(reduction=\"sum\")", kTruth, kPrediction, true, weights),
              {3 * a + 0.5 * b}, 1e-14);
  expect_near(loss_of(losses::MeanSquaredError({.reduction = "mean_with_sample_weight"}), kTruth,
                      kPrediction, true, weights),
              {(3 * a + 0.5 * b) / 3.5}, 1e-14);
  expect_near(loss_of("MeanSquaredError(reduction=\"mean\")", kTruth, kPrediction, true, weights),
              {(3 * a + 0.5 * b) / 2}, 1e-14);
}

TEST(Losses, MeanOverWeightsThatAreAllZeroIsZero) {
  Graph graph;
  const Value p = graph.constant(kPrediction);
  const Value loss = Loss("MeanSquaredError(reduction=\"mean_with_sample_weight\")")(
      graph.constant(kTruth), p, graph.constant(f64({0, 0}, {2})));
  const std::vector<Tensor> found =
      eval(std::vector<Value>{loss, gradients(loss, std::vector<Value>{p})[0]}, {});
  EXPECT_EQ(found[0].at(0), 0.0);
  for (std::int64_t i = 0; i < found[1].numel(); ++i) EXPECT_EQ(found[1].at(i), 0.0);
}

TEST(Losses, MeanOverWeightsDividesByThemAsGiven) {
  // One weight for all columns of a sample counts once, as in Keras 3.
  const Tensor truth = f64({1, 2, 3, 4}, {2, 2, 1});
  const Tensor prediction = f64({2, 2, 3, 6}, {2, 2, 1});
  expect_near(loss_of("MeanSquaredError(reduction=\"mean_with_sample_weight\")", truth, prediction,
                      true, f64({1, 3}, {2, 1})),
              {(1 * 1.0 + 3 * 4.0) / 4}, 1e-14);
}

double binary(double y, double p) { return -y * std::log(p) - (1 - y) * std::log(1 - p); }

TEST(Losses, BinaryCrossentropy) {
  const Tensor y = f64({1, 0, 1, 1}, {4, 1});
  const Tensor p = f64({0.9, 0.2, 1.0, 0.0}, {4, 1});
  expect_near(loss_of("binary_crossentropy", y, p),
              {binary(1, 0.9), binary(0, 0.2), -std::log(1 - 1e-7), -std::log(1e-7)}, 1e-8);
  const Tensor logits = f64({0.7, -3, 30, -40}, {4, 1});
  const auto sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
  expect_near(loss_of(losses::BinaryCrossentropy({.from_logits = true}), y, logits),
              {binary(1, sigmoid(0.7)), binary(0, sigmoid(-3)), std::log1p(std::exp(-30)), 40},
              1e-12);
  expect_near(loss_of("BinaryCrossentropy(label_smoothing=0.2)", f64({1, 0}, {1, 2}),
                      f64({0.8, 0.4}, {1, 2})),
              {(binary(0.9, 0.8) + binary(0.1, 0.4)) / 2}, 1e-12);
}

TEST(Losses, CategoricalCrossentropy) {
  const Tensor y = f64({0, 1, 0, 0.5, 0, 0.5}, {2, 3});
  const Tensor p = f64({0.2, 0.7, 0.1, 0.25, 0.25, 0.5}, {2, 3});
  expect_near(loss_of("categorical_crossentropy", y, p),
              {-std::log(0.7), -0.5 * std::log(0.25) - 0.5 * std::log(0.5)}, 1e-6);
  // Rows that do not sum to 1 are scaled, as in Keras.
  expect_near(loss_of("categorical_crossentropy", f64({0, 1}, {1, 2}), f64({1, 3}, {1, 2})),
              {-std::log(0.75)}, 1e-6);
  expect_near(loss_of("CategoricalCrossentropy(label_smoothing=0.3)", f64({0, 1, 0}, {1, 3}),
                      f64({0.2, 0.7, 0.1}, {1, 3})),
              {-0.1 * std::log(0.2) - 0.8 * std::log(0.7) - 0.1 * std::log(0.1)}, 1e-6);
  const Tensor logits = f64({std::log(2.0), std::log(7.0), 0}, {1, 3});
  expect_near(loss_of("CategoricalCrossentropy(from_logits=true)", f64({0, 1, 0}, {1, 3}), logits),
              {-std::log(0.7)}, 1e-12);
}

TEST(Losses, SparseCategoricalCrossentropy) {
  const Tensor p = f64({0.2, 0.7, 0.1, 0.25, 0.25, 0.5}, {2, 3});
  const std::vector<double> expected = {-std::log(0.7), -std::log(0.5)};
  const Tensor labels = Tensor::from(std::vector<std::int64_t>{1, 2}, {2});
  expect_near(loss_of("sparse_categorical_crossentropy", labels, p), expected, 1e-6);
  expect_near(loss_of("sparse_categorical_crossentropy", labels.reshape({2, 1}), p), expected,
              1e-6);
  expect_near(loss_of("sparse_categorical_crossentropy", labels.cast(DType::UInt8), p), expected,
              1e-6);
  expect_near(loss_of("sparse_categorical_crossentropy", labels.cast(DType::Float32), p), expected,
              1e-6);
  const Tensor logits = f64({std::log(2.0), std::log(7.0), 0, 0, 0, std::log(2.0)}, {2, 3});
  expect_near(loss_of("SparseCategoricalCrossentropy(from_logits=true)", labels, logits), expected,
              1e-12);
}

/// A prediction that a softmax or sigmoid has rounded to 0 or 1 keeps its loss, because the logits
/// are used.
TEST(Losses, LogitsBehindProbabilitiesAreUsed) {
  Graph graph;
  const Value logits = graph.constant(f32({200, 0}, {1, 2}));
  const Value label = graph.constant(Tensor::from(std::vector<std::int64_t>{1}, {1}));
  // Whether they are said to be logits or not.
  EXPECT_NEAR(
      eval(
          Loss("SparseCategoricalCrossentropy(from_logits=true)").call(label, ops::softmax(logits)))
          .at(0),
      200, 1e-3);
  EXPECT_NEAR(eval(Loss("sparse_categorical_crossentropy").call(label, ops::softmax(logits))).at(0),
              200, 1e-4);
  const Value hot = graph.constant(f32({0, 1}, {1, 2}));
  EXPECT_NEAR(eval(Loss("categorical_crossentropy").call(hot, ops::softmax(logits))).at(0), 200,
              1e-4);
  const Value one = graph.constant(f32({200}, {1, 1}));
  EXPECT_NEAR(
      eval(Loss("binary_crossentropy").call(graph.constant(f32({0}, {1})), ops::sigmoid(one)))
          .at(0),
      200, 1e-4);
}

TEST(Losses, AnyFunctionOfValues) {
  const Loss cubic = [](Value y_true, Value y_pred) {
    return ops::mean(ops::pow(ops::abs(y_true - y_pred), 3.0), {-1});
  };
  expect_near(loss_of(cubic, f64({1, 2}, {1, 2}), f64({3, 3}, {1, 2})), {4.5}, 1e-13);
  EXPECT_THAT(message_of<ValueError>([&] { cubic.identifier(); }), HasSubstr("cannot be saved"));
}

TEST(Losses, DerivativesAtZeroAreThoseOfTheFunctions) {
  Graph graph;
  const Value zero = graph.constant(f64({0}, {1, 1}));
  const Value one = graph.constant(f64({1}, {1, 1}));
  const auto slope = [&](const Loss& loss) {
    return eval(gradients(loss(one, zero), std::vector<Value>{zero})[0]).at(0);
  };
  EXPECT_DOUBLE_EQ(slope(losses::BinaryCrossentropy({.from_logits = true})), -0.5);
  EXPECT_DOUBLE_EQ(slope(losses::LogCosh()), -std::tanh(1.0));
}

TEST(Losses, SamplesThatAreAllIgnoredCostNothing) {
  const Tensor scores = f64({0.2, 0.8, 0.5, 0.5}, {2, 2});
  const Loss loss = losses::SparseCategoricalCrossentropy({.ignore_class = 255});
  EXPECT_EQ(
      loss_of(loss, Tensor::from(std::vector<std::int64_t>{255, 255}, {2}), scores, true).at(0),
      0.0);
  EXPECT_EQ(loss.ignored_class(), 255);
}

TEST(Losses, IdentifiersLeaveOutDefaults) {
  EXPECT_EQ(
      Loss("CategoricalCrossentropy(label_smoothing=0.0, axis=-1, name=\"mine\")").identifier(),
      "CategoricalCrossentropy");
  EXPECT_EQ(Loss("mae").name(), "mean_absolute_error");
  EXPECT_EQ(losses::CategoricalCrossentropy({.label_smoothing = 0.1}).identifier(),
            "CategoricalCrossentropy(label_smoothing=0.1)");
}

TEST(Losses, Errors) {
  EXPECT_THAT(message_of<ValueError>([] { Loss("categorical_crossentropi"); }),
              HasSubstr("did you mean 'categorical_crossentropy'?"));
  EXPECT_THAT(message_of<ValueError>([] { Loss("MeanSquaredError(reduction=\"average\")"); }),
              HasSubstr("unknown reduction"));
  EXPECT_THAT(message_of<ValueError>([] { losses::BinaryCrossentropy({.label_smoothing = 2}); }),
              HasSubstr("label_smoothing is 2"));
  EXPECT_THAT(
      message_of<ValueError>([] { losses::CategoricalGeneralizedCrossEntropy({.q = 1.0}); }),
      HasSubstr("q is 1"));
  EXPECT_THAT(message_of<ShapeError>([] {
                loss_of("circle", Tensor(Shape{3}), Tensor(Shape{4, 2}));
              }),
              HasSubstr("class numbers (N,) and embeddings (N, d)"));
  EXPECT_THAT(message_of<ShapeError>([] {
                loss_of("ctc", Tensor(Shape{3}), Tensor(Shape{4, 2}));
              }),
              HasSubstr("labels (N, length) and logits (N, steps, classes)"));
  const Tensor scores(Shape{4, 3});
  const Tensor labels(Shape{4}, DType::Int64);
  const std::string advice =
      message_of<ShapeError>([&] { loss_of("categorical_crossentropy", labels, scores); });
  EXPECT_THAT(advice, AllOf(HasSubstr("y_true has shape (4,) and y_pred has shape (4, 3)"),
                            HasSubstr("Use sparse_categorical_crossentropy")));
  EXPECT_THAT(
      message_of<ShapeError>([&] { loss_of("sparse_categorical_crossentropy", scores, scores); }),
      HasSubstr("Use categorical_crossentropy"));
  EXPECT_THAT(message_of<ShapeError>(
                  [&] { loss_of("sparse_categorical_crossentropy", Tensor(Shape{5}), scores); }),
              HasSubstr("y_true must have shape (4,)"));
  EXPECT_THAT(message_of<ShapeError>([&] {
                loss_of("mse", Tensor(Shape{4, 2}), scores);
              }),
              AllOf(HasSubstr("(4, 2)"), HasSubstr("(4, 3)")));
  EXPECT_THAT(
      message_of<ShapeError>([&] { loss_of("mse", scores, scores, true, Tensor(Shape{3})); }),
      HasSubstr("sample weights of shape (3"));
}

}  // namespace
}  // namespace sinew
