#include <fstream>

#include "io/json.h"
#include "nn/keras_record.h"
#include "paths.h"
#include "sinew/model/model.h"

namespace sinew {
namespace {

using Json = nlohmann::ordered_json;

/// What real Keras made of whole models, by tests/model/keras_models.py.
const Json& records() {
  static const Json file = [] {
    std::ifstream in(paths::source() + "/tests/model/keras_models.json");
    return Json::parse(in);
  }();
  return file["models"];
}

constexpr std::int64_t kSamples = 3;

/// Floating, with steps of zeros; or tokens.
Tensor data(const KerasTensor& input, std::size_t index) {
  const Shape shape = input.shape().with(0, kSamples);
  const bool tokens = !is_floating(input.dtype());
  Tensor x =
      tokens ? Tensor(shape, DType::Int64) : wave(shape, 0.1 + 0.3 * static_cast<double>(index));
  const std::int64_t steps = shape[1], features = shape.numel() / kSamples / steps;
  for (std::int64_t n = 0; n < kSamples; ++n) {
    for (std::int64_t t = 0; t < steps; ++t) {
      const auto at = static_cast<std::size_t>((n * steps + t) * features);
      if (tokens) {
        x.data<std::int64_t>()[at] = (3 * n + 5 * t) % 7;
      } else if (shape.rank() > 2 && (5 * n + 3 * t) % 7 > 4) {
        const auto step = x.data<double>().subspan(at, static_cast<std::size_t>(features));
        std::fill(step.begin(), step.end(), 0.0);
      }
    }
  }
  return x;
}

std::vector<double> numbers(const Logs& logs) {
  std::vector<double> result;
  for (const auto& [name, value] : logs) result.push_back(value);
  return result;
}

class KerasModel : public testing::TestWithParam<std::size_t> {
 protected:
  const Json& record() const { return records()[GetParam()]; }
  std::vector<double> recorded(const char* what) const {
    return record()[what].get<std::vector<double>>();
  }
};

TEST_P(KerasModel, PredictsEvaluatesAndTrainsAsKeras) {
  const std::string name = record()["name"];
  // On JAX attention's softmax is of float32, whatever the dtype.
  const double tolerance =
      name == "MultiHeadAttention" || name == "GroupQueryAttention" ? 1e-7 : 1e-10;
  Model model = model_from_json(record()["model"].dump());
  std::vector<Tensor> weights;
  for (const VariablePtr& weight : model.weights()) {
    weights.push_back(wave(weight->shape(), 1 + static_cast<double>(weights.size())));
    const bool variance = weight->name().ends_with("variance");
    for (double& value : weights.back().data<double>())
      value = 0.5 * (variance ? std::abs(value) : value);
  }
  model.set_weights(weights);
  std::vector<Tensor> x, y;
  for (const KerasTensor& input : model.inputs()) x.push_back(data(input, x.size()));
  const std::vector<Tensor> outputs = model.predict_all(x);
  ASSERT_EQ(outputs.size(), record()["outputs"].size());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    expect_near(outputs[i], record()["outputs"][i].get<std::vector<double>>(), tolerance);
    y.push_back(wave(outputs[i].shape(), 2));
  }
  std::vector<std::vector<MetricPtr>> metrics(outputs.size());
  for (auto& list : metrics) list = {"mae"};
  model.compile(
      {.optimizer = optimizers::SGD({.learning_rate = 0.5}), .loss = "mse", .metrics = metrics});
  const auto same = [&](const std::vector<double>& found, const char* what) {
    const std::vector<double> wanted = recorded(what);
    ASSERT_EQ(found.size(), wanted.size()) << what;
    for (std::size_t i = 0; i < wanted.size(); ++i)
      EXPECT_NEAR(found[i], wanted[i], tolerance * std::max(1.0, std::abs(wanted[i])))
          << what << " " << i;
  };
  same(numbers(model.evaluate(x, y, {.batch_size = kSamples, .verbose = 0})), "evaluated");
  model.reset_metrics();
  same({model.train_on_batch(x, y)["loss"]}, "trained");
  std::vector<double> sums;
  for (const Tensor& weight : model.get_weights()) {
    const Tensor factors = wave(weight.shape(), 12);
    double sum = 0;
    for (std::int64_t i = 0; i < weight.numel(); ++i) sum += weight.at(i) * factors.at(i);
    sums.push_back(sum);
  }
  same(sums, "weights");
}

TEST_P(KerasModel, IsTheSameAgainFromItsJson) {
  const Model model = model_from_json(record()["model"].dump());
  const std::string json = model.to_json();
  EXPECT_EQ(model_from_json(json).to_json(), json);
}

INSTANTIATE_TEST_SUITE_P(All, KerasModel, testing::Range(std::size_t{0}, records().size()),
                         [](const testing::TestParamInfo<std::size_t>& info) {
                           return records()[info.param]["name"].get<std::string>();
                         });

}  // namespace
}  // namespace sinew
