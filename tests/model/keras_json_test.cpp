// JSON as Keras 3 writes it: what Model.to_json() gave is quoted, shortened where it says nothing.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/small_models.h"
#include "model/state.h"
#include "sinew/base/error.h"
#include "sinew/ops/ops.h"

namespace sinew {
namespace {

using namespace sinew::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string sequential(const std::string& layers, const std::string& compile_config = "null") {
  return R"({"class_name": "Sequential", "config": {"name": "s", "layers": [
    {"class_name": "InputLayer", "config": {"batch_shape": [null, 4, 3], "name": "i"}},)" +
         layers + R"(]}, "compile_config": )" + compile_config + "}";
}

constexpr const char* kAdam = R"({"module": "keras.optimizers", "class_name": "Adam",
  "config": {"name": "adam", "learning_rate": 0.25, "weight_decay": null, "clipnorm": null,
  "global_clipnorm": null, "clipvalue": null, "use_ema": false, "ema_momentum": 0.99,
  "ema_overwrite_frequency": null, "loss_scale_factor": null,
  "gradient_accumulation_steps": null, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-07,
  "amsgrad": false}, "registered_name": "Adam"})";

TEST(KerasJson, InitializersGoByEitherOfTheirNames) {
  for (const char* name :
       {"Orthogonal", "OrthogonalInitializer", "Identity", "IdentityInitializer"})
    EXPECT_NO_THROW(Initializer{std::string(name)}) << name;
  const Model model = model_from_json(sequential(
      R"({"class_name": "LSTM", "config": {"units": 2, "recurrent_initializer":
        {"module": "keras.initializers", "class_name": "OrthogonalInitializer",
         "config": {"gain": 1.0, "seed": null}}}})"));
  EXPECT_THAT(model.to_json(), HasSubstr("\"Orthogonal\""));
}

TEST(KerasJson, RecurrentLayersTakeActivityRegularizersAndSeeds) {
  for (const char* name : {"SimpleRNN", "LSTM"}) {
    Model model = model_from_json(
        sequential(std::string(R"({"class_name": ")") + name + R"(", "config": {"units": 2,
        "activity_regularizer": {"class_name": "L2", "config": {"l2": 0.5}}, "seed": 7}})"));
    EXPECT_THAT(model.to_json(), HasSubstr("\"seed\": 7"));
    model.compile({.loss = "mse"});
    const Tensor x = Tensor::full({2, 4, 3}, 0.5);
    const Tensor y = model.predict(x);
    // The targets are the outputs, so that the penalty is all of the loss: per row, as in Keras.
    double penalty = 0;
    for (std::int64_t i = 0; i < y.numel(); ++i) penalty += 0.5 * y.at(i) * y.at(i) / 2;
    EXPECT_GT(penalty, 0);
    EXPECT_NEAR(model.evaluate(x, y, {.verbose = 0})["loss"], penalty, 1e-6) << name;
  }
}

TEST(KerasJson, PaddingMayBeInCapitals) {
  const Model model = model_from_json(R"({"class_name": "Sequential", "config": {"layers": [
    {"class_name": "InputLayer", "config": {"batch_shape": [null, 5, 5, 1]}},
    {"class_name": "Conv2D", "config": {"filters": 2, "kernel_size": [3, 3], "padding": "SAME"}},
    {"class_name": "MaxPooling2D", "config": {"padding": "Valid"}}]}})");
  EXPECT_EQ(model.outputs()[0].shape(), (Shape{Shape::kUnknown, 2, 2, 2}));
}

std::string tensor(const std::string& layer) {
  return R"({"class_name": "__keras_tensor__", "config": {"keras_history": [")" + layer +
         R"(", 0, 0]}})";
}

TEST(KerasJson, TensorsGivenByNameAreInputs) {
  const auto input = [](const std::string& name, const std::string& shape) {
    return R"({"class_name": "InputLayer", "name": ")" + name +
           R"(", "inbound_nodes": [], "config": {"batch_shape": )" + shape + R"(, "name": ")" +
           name + "\"}}";
  };
  const auto functional = [&](const std::string& layer, const std::string& states) {
    return R"({"class_name": "Functional", "config": {"layers": [)" + input("x", "[null, 4, 3]") +
           "," + input("h", "[null, 5]") + "," + input("c", "[null, 5]") + R"(,{"class_name": ")" +
           layer + R"(", "name": "r", "config": {"name": "r", "units": 5},
           "inbound_nodes": [{"args": [)" +
           tensor("x") + R"(], "kwargs": {"initial_state": )" + states +
           R"(, "training": false, "mask": null}}]}],
           "input_layers": [["x", 0, 0], ["h", 0, 0], ["c", 0, 0]],
           "output_layers": [["r", 0, 0]]}})";
  };
  Model model = model_from_json(functional("LSTM", "[" + tensor("h") + "," + tensor("c") + "]"));
  const Tensor x = Tensor::full({1, 4, 3}, 0.1);
  const auto with = [&](double h, double c) {
    return model.predict({x, Tensor::full({1, 5}, h), Tensor::full({1, 5}, c)});
  };
  EXPECT_FALSE(same_bits(with(0, 0), with(1, 0)));
  EXPECT_FALSE(same_bits(with(0, 0), with(0, 1)));
  std::string written = model.to_json();
  std::erase_if(written, [](char c) { return c == ' ' || c == '\n'; });
  EXPECT_NE(written.find(R"("initial_state":[{)"), std::string::npos) << "as Keras wants it";
  // What it writes it reads again, connected.
  Model again = model_from_json(model.to_json());
  again.set_weights(model.get_weights());
  const Tensor h = Tensor::full({1, 5}, 0.3), c = Tensor::full({1, 5}, -0.2);
  EXPECT_TRUE(same_bits(model.predict({x, h, c}), again.predict({x, h, c})));
}

TEST(KerasJson, CompilesByASchedule) {
  const std::string dense = R"({"class_name": "Flatten", "config": {}},
    {"class_name": "Dense", "config": {"name": "o", "units": 1}})";
  Model model = model_from_json(sequential(dense, R"({"loss": "mse", "optimizer":
      {"module": "keras.optimizers", "class_name": "LossScaleOptimizer", "config": {
       "name": "loss_scale_optimizer_1", "inner_optimizer": {"module": "keras.optimizers",
       "class_name": "Muon", "config": {"learning_rate": {"module": "keras.optimizers.schedules",
       "class_name": "CosineDecay", "config": {"initial_learning_rate": 0.125, "decay_steps": 100,
       "alpha": 0.0, "name": "CosineDecay", "warmup_target": null, "warmup_steps": 0},
       "registered_name": null}, "weight_decay": null, "rms_rate": null,
       "exclude_layers": ["dense_[0-9]"]}, "registered_name": null}, "initial_scale": 32768.0,
       "dynamic_growth_steps": 2000}, "registered_name": null}})"));
  EXPECT_EQ(model.learning_rate(), 0.125);
  const Optimizer& optimizer = model.state()->compiled_training().optimizer();
  EXPECT_EQ(optimizer.name(), "loss_scale_optimizer_1");
  const Attributes muon =
      OptimizerPtr(optimizer.config().get<std::string>("inner_optimizer"))->config();
  EXPECT_EQ(muon.get<std::string>("weight_decay"), "None");
  EXPECT_EQ(muon.get<std::string>("rms_rate"), "None");
  EXPECT_EQ(muon.real("adam_weight_decay"), 0.004);
  EXPECT_EQ(muon.get<std::vector<std::string>>("exclude_layers"),
            std::vector<std::string>{"dense_[0-9]"});
}

TEST(KerasJson, CompilesByItsCompileConfig) {
  const std::string dense = R"({"class_name": "Flatten", "config": {}},
    {"class_name": "Dense", "config": {"name": "o", "units": 1, "activation": "sigmoid"}})";
  Model model = model_from_json(sequential(
      dense, std::string("{\"optimizer\": ") + kAdam + R"(, "loss": {"module": "keras.losses",
      "class_name": "BinaryCrossentropy", "config": {"name": "binary_crossentropy", "reduction":
      "sum_over_batch_size", "from_logits": true, "label_smoothing": 0.0, "axis": -1}},
      "loss_weights": null, "metrics": ["accuracy", {"module": "keras.metrics", "class_name":
      "BinaryAccuracy", "config": {"name": "strict", "dtype": "float32", "threshold": 0.9}}],
      "weighted_metrics": null, "run_eagerly": false, "steps_per_execution": 1,
      "jit_compile": false})"));
  ASSERT_TRUE(model.compiled());
  EXPECT_EQ(model.learning_rate(), 0.25);
  const auto& arguments = model.state()->compiled_training().arguments();
  EXPECT_EQ(arguments.loss.at(0).identifier(), "BinaryCrossentropy(from_logits=true)");
  const Logs logs = model.evaluate(Tensor({2, 4, 3}), Tensor({2, 1}), {.verbose = 0});
  EXPECT_NE(logs.find("accuracy"), nullptr);
  EXPECT_NE(logs.find("strict"), nullptr);

  EXPECT_FALSE(model_from_json(sequential(dense)).compiled());
  EXPECT_FALSE(
      model_from_json(sequential(dense, R"({"optimizer": "adam", "loss": null})")).compiled());
  // By the output's name.
  EXPECT_EQ(model_from_json(sequential(dense, R"({"optimizer": "sgd", "loss": {"o": "mse"},
            "loss_weights": {"o": 2.0}, "metrics": {"o": ["mae"]}})"))
                .state()
                ->compiled_training()
                .arguments()
                .loss_weights,
            std::vector<double>{2.0});
  const auto message = [&](const std::string& config) {
    return message_of<ValueError>([&] { model_from_json(sequential(dense, config)); });
  };
  EXPECT_THAT(message(R"({"optimizer": "adm", "loss": "mse"})"),
              ::testing::AllOf(HasSubstr("compile_config"), HasSubstr("adam")));
  EXPECT_THAT(message(R"({"optimizer": "adam", "loss": {"out": "mse"}})"),
              HasSubstr("unknown output 'out': did you mean 'o'?"));
  EXPECT_THAT(message(R"({"optimizer": "adam", "loss": 3})"), HasSubstr("3 is neither a name"));
}

TEST(KerasJson, ABatchNormalizationAsKeras315WritesIt) {
  const std::string json = R"({"class_name": "Sequential", "config": {"name": "s", "layers": [
      {"class_name": "InputLayer", "config": {"batch_shape": [null, 3], "dtype": "float32", "name": "i"}},
      {"class_name": "BatchNormalization", "config": {"name": "b", "axis": -1, "momentum": 0.9,
       "renorm": false, "renorm_clipping": null, "renorm_momentum": 0.99, "synchronized": false}}]}})";
  EXPECT_EQ(model_from_json(json).layers().back()->class_name(), "BatchNormalization");
}

TEST(KerasJson, NestedModelsAreNamedInErrors) {
  const auto message = [](const std::string& inner) {
    const std::string json = R"({"class_name": "Sequential", "config": {"name": "s", "layers": [
      {"class_name": "InputLayer", "config": {"batch_shape": [null, 3], "name": "i"}},)" +
                             inner + "]}}";
    return message_of<ValueError>([&] { model_from_json(json); });
  };
  EXPECT_THAT(message(R"({"class_name": "Functional", "config": {"name": "inner", "layers": []}})"),
              HasSubstr("Functional \"inner\" has no layers"));
  std::string deep = R"({"class_name": "Dense", "config": {"units": 2}})";
  for (int i = 0; i < 20; ++i) {
    deep = R"({"class_name": "Sequential", "config": {"name": "n", "layers": [)" + deep + "]}}";
  }
  EXPECT_THAT(message(deep), HasSubstr("nested more than 16 deep"));
}

/// A layer that takes indices, which is not Keras's.
class LookupLayer final : public Layer {
 public:
  std::string class_name() const override { return "Lookup"; }
  Attributes config() const override { return {}; }
  DType input_dtype() const override { return DType::Int64; }
  std::vector<Value> call(CallContext&, const std::vector<Value>& inputs) override {
    seen = inputs[0].dtype();
    return {ops::cast(inputs[0], DType::Float32)};
  }
  DType seen = DType::Bool;
};

TEST(Sequential, BeginsWithTheInputThatTheFirstLayerTakes) {
  const auto layer = std::make_shared<LookupLayer>();
  Sequential model({LayerPtr(layer)});
  model.predict(Tensor({2, 3}, DType::Int64));
  EXPECT_EQ(layer->seen, DType::Int64);
  EXPECT_EQ(model.inputs()[0].dtype(), DType::Int64);
}

}  // namespace
}  // namespace sinew
