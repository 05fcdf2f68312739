#include <fstream>
#include <regex>

#include "io/json.h"
#include "model/config_json.h"
#include "nn/keras_record.h"
#include "paths.h"

namespace sinew {
namespace {

using model::Json;

/// What real Keras computed, by tests/nn/keras_layers.py.
const Json& records() {
  static const Json file = [] {
    std::ifstream in(paths::source() + "/tests/nn/keras_layers.json");
    return Json::parse(in);
  }();
  return file["layers"];
}

/// On JAX attention's softmax is of float32, whatever the dtype.
double exactness(const std::string& class_name) {
  return class_name.ends_with("HeadAttention") || class_name == "GroupQueryAttention" ? 1e-7
                                                                                      : 1e-10;
}

class AsKeras : public testing::TestWithParam<std::size_t> {
 protected:
  const Json& record() const { return records()[GetParam()]; }
  std::string class_name() const { return record()["class_name"].get<std::string>(); }
  Attributes config() const { return model::to_attributes(record()["config"], class_name()); }
};

TEST_P(AsKeras, OutputAndGradients) {
  KerasRecord wanted{.inputs = {},
                     .output = record()["output"].get<std::vector<double>>(),
                     .slopes = record()["slopes"].get<std::vector<double>>(),
                     .float64_tolerance = exactness(class_name())};
  double phase = 0.1;
  for (const Json& shape : record()["inputs"]) {
    wanted.inputs.emplace_back(Shape(shape.get<std::vector<std::int64_t>>()), phase);
    phase += 0.3;
  }
  const auto make = [this](DType dtype) {
    LayerPtr layer = make_layer(class_name(), config());
    layer->set_dtype_policy(dtype);
    return layer;
  };
  expect_as_keras(make, wanted);
}

/// Stateful layers: the same input once more.
TEST_P(AsKeras, KeepsStates) {
  if (!record().contains("again")) return;
  const LayerPtr layer = make_layer(class_name(), config());
  layer->set_dtype_policy(DType::Float64);
  const Tensor x = wave(Shape(record()["inputs"][0].get<std::vector<std::int64_t>>()), 0.1);
  layer->ensure_built({{x.dtype(), x.shape()}});
  for (std::size_t i = 0; i < layer->weights().size(); ++i) {
    Tensor values = wave(layer->weights()[i]->shape(), 1 + static_cast<double>(i));
    for (double& value : values.data<double>()) value *= 0.5;
    layer->weights()[i]->assign(values);
  }
  const auto output = record()["output"].get<std::vector<double>>();
  expect_near(run_layer(layer, x), output, 1e-10);
  expect_near(run_layer(layer, x), record()["again"].get<std::vector<double>>(), 1e-10);
  layer->reset_state();
  expect_near(run_layer(layer, x), output, 1e-10);
}

TEST_P(AsKeras, NamesShapesAndOrderOfWeights) {
  const LayerPtr layer = make_layer(class_name(), config());
  std::vector<TensorType> types;
  for (const Json& shape : record()["inputs"])
    types.push_back({DType::Float32, Shape(shape.get<std::vector<std::int64_t>>())});
  layer->ensure_built(types);
  Json weights = Json::array();
  for (const VariablePtr& weight : layer->weights()) {
    const std::string& name = weight->name();
    // Cells are no part of the names.
    const std::string within =
        std::regex_replace(name.substr(name.find('/') + 1), std::regex("\\w+_cell/"), "");
    weights.push_back({within, weight->shape().dims()});
  }
  EXPECT_EQ(weights, record()["weights"]);
}

/// Keras makes the same layer from what Sinew writes: only keys of Keras's, save what Keras takes
/// at the call and files put there, and its numbers and truth values.
TEST_P(AsKeras, WritesKerasConfig) {
  const Attributes keras = config();
  const LayerPtr layer = make_layer(class_name(), keras);
  Attributes written = layer->config();
  EXPECT_EQ(make_layer(class_name(), written)->config(), written);
  for (const std::string& option : layer->call_options()) written.erase(option);
  for (const auto& [key, value] : written) {
    EXPECT_TRUE(record()["config"].contains(key) || key == "dtype") << key;
    const bool plain = std::holds_alternative<bool>(value) || std::holds_alternative<double>(value);
    if (!plain || !keras.has(key)) continue;
    EXPECT_EQ(Attributes({{key, value}}), Attributes({{key, *keras.find(key)}}));
  }
}

INSTANTIATE_TEST_SUITE_P(All, AsKeras, testing::Range(std::size_t{0}, records().size()),
                         [](const testing::TestParamInfo<std::size_t>& info) {
                           return records()[info.param]["class_name"].get<std::string>() + "_" +
                                  std::to_string(info.param);
                         });

}  // namespace
}  // namespace sinew
