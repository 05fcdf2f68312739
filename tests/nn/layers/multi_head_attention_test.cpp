#include <gmock/gmock.h>

#include "nn/keras_record.h"
#include "sinew/model/model.h"

namespace sinew {
namespace {

using layers::MultiHeadAttention;
using testing::HasSubstr;

TEST(MultiHeadAttention, AsKeras) {
  expect_as_keras([](DType dtype) { return MultiHeadAttention(2, 3, {.dtype = dtype}); },
                  {.inputs = {{{2, 3, 5}, 0}, {{2, 4, 6}, 0.3}},
                   .output = {0.458102701, 0.240370697, -0.090411402, -0.378671606, -0.488836637,
                              0.458893047, 0.240756937, -0.090610922, -0.379363049, -0.489694806,
                              0.455992897, 0.240382123, -0.088284119, -0.375428961, -0.486003697,
                              0.499861894, 0.266369545, -0.092400564, -0.407713243, -0.531272014,
                              0.490593953, 0.266466255, -0.082984686, -0.393406633, -0.518803293,
                              0.500522572, 0.266090647, -0.093487867, -0.409097577, -0.532302304},
                   .slopes = {0.024895565, 0.009887877, -0.056702486, 0.051788623, -0.004136186,
                              0.000000000, 0.163864072, 0.008749809, 0.746178013, -2.027743259}});
}

TEST(MultiHeadAttention, KeyValueWidthAndOutputShapeAsKeras) {
  expect_as_keras(
      [](DType dtype) {
        return MultiHeadAttention(2, 3, {.value_dim = 4, .output_shape = {7}, .dtype = dtype});
      },
      {.inputs = {{{2, 3, 5}, 0}, {{2, 4, 6}, 0.3}, {{2, 4, 5}, 0.6}},
       .output = {0.711938436,  0.411141763,  -0.083021306, -0.538138157, -0.740160225,
                  -0.594073373, -0.168584531, 0.711715132,  0.414760423,  -0.077262594,
                  -0.532947806, -0.737979337, -0.595927655, -0.173601885, 0.711811908,
                  0.420457115,  -0.068645229, -0.525462650, -0.735146775, -0.599079885,
                  -0.181256365, 0.490657240,  0.312866962,  -0.012069536, -0.331329543,
                  -0.494760089, -0.425497234, -0.156116381, 0.484841821,  0.290058995,
                  -0.041143109, -0.352994966, -0.498827775, -0.410054087, -0.128425554,
                  0.491189574,  0.316803342,  -0.006580452, -0.326869357, -0.493426496,
                  -0.427917444, -0.161152132},
       .slopes = {0.069581940, -0.207114205, -0.069739099, 0.158196532, 0.157606145, -0.781350693,
                  -0.000000000, 1.049013642, 1.961248319, 2.602717373, -3.590710419}});
}

TEST(MultiHeadAttention, MaskAsKeras) {
  Tensor mask(Shape{2, 3, 4}, DType::Bool);
  const int visible[] = {1, 0, 1, 1, 1, 1, 0, 1, 0, 0, 0, 1, 1, 1, 1, 1, 0, 1, 0, 0, 0, 0, 1, 1};
  std::copy(std::begin(visible), std::end(visible), mask.data<bool>().begin());
  expect_as_keras([](DType dtype) { return MultiHeadAttention(2, 3, {.dtype = dtype}); },
                  {.inputs = {{{2, 3, 5}, 0}, {{2, 4, 6}, 0.3}},
                   .mask = mask,
                   .output = {0.423645923, 0.212556472, -0.098501609, -0.363232844, -0.457129997,
                              0.473429126, 0.258106870, -0.078607079, -0.378350891, -0.500150367,
                              0.424422095, 0.221899179, -0.084986388, -0.351901529, -0.453311882,
                              0.499861894, 0.266369545, -0.092400564, -0.407713243, -0.531272014,
                              0.421598639, 0.192320020, -0.127409710, -0.387216662, -0.464909568,
                              0.500613489, 0.273970963, -0.081524388, -0.398677545, -0.528326423},
                   .slopes = {0.015341928, 0.321065453, -0.029229643, 0.020527461, -0.008985115,
                              -0.000000000, 0.677933499, 0.008749809, 1.141506174, -2.027743259}});
}

TEST(MultiHeadAttention, CausalMaskAsKeras) {
  expect_as_keras(
      [](DType dtype) {
        return MultiHeadAttention(2, 3, {.use_causal_mask = true, .dtype = dtype});
      },
      {.inputs = {{{2, 3, 5}, 0}, {{2, 4, 6}, 0.3}},
       .output = {0.427838951, 0.224603434, -0.084266589, -0.353504717, -0.456484054,
                  0.500886073, 0.276643684, -0.077708552, -0.395513242, -0.527301874,
                  0.467589630, 0.246396223, -0.090681177, -0.385109803, -0.498415271,
                  0.593836087, 0.329671627, -0.089542550, -0.466643467, -0.624274670,
                  0.491102059, 0.258077441, -0.096325030, -0.405424334, -0.523846239,
                  0.472802917, 0.245558007, -0.097176670, -0.394207640, -0.505836598},
       .slopes = {0.017898531, 0.145774114, -0.046467269, -0.038453055, -0.085903572, -0.000000000,
                  0.555066235, 0.008749809, 1.243212560, -2.027743259}});
}

TEST(MultiHeadAttention, NamesItsWeightsAsKeras) {
  const LayerPtr layer = MultiHeadAttention(2, 3, {.name = "a"});
  layer->ensure_built({{DType::Float32, {-1, 4, 5}}, {DType::Float32, {-1, 6, 7}}});
  std::vector<std::string> found;
  for (const VariablePtr& weight : layer->weights())
    found.push_back(weight->name() + weight->shape().str());
  EXPECT_THAT(found, testing::ElementsAre(
                         "a/query/kernel(5, 2, 3)", "a/query/bias(2, 3)", "a/key/kernel(7, 2, 3)",
                         "a/key/bias(2, 3)", "a/value/kernel(7, 2, 3)", "a/value/bias(2, 3)",
                         "a/attention_output/kernel(2, 3, 5)", "a/attention_output/bias(5,)"));
}

TEST(MultiHeadAttention, DropoutKeepsTheExpectationAndIsKeyed) {
  const LayerPtr layer = MultiHeadAttention(2, 4, {.dropout = 0.5});
  const std::vector<Tensor> x(2, wave({2, 30, 6}, 0).cast(DType::Float32));
  const Tensor exact = run_layer(layer, x)[0];
  Tensor sum = Tensor(exact.shape(), DType::Float64);
  for (std::int64_t step = 0; step < 200; ++step) {
    const Tensor y = run_layer(layer, x, true, 1, step)[0];
    for (std::int64_t i = 0; i < y.numel(); ++i)
      sum.data<double>()[static_cast<std::size_t>(i)] += y.at(i) / 200;
  }
  for (std::int64_t i = 0; i < sum.numel(); ++i) EXPECT_NEAR(sum.at(i), exact.at(i), 0.05);
  const Tensor a = run_layer(layer, x, true, 1, 3)[0], b = run_layer(layer, x, true, 1, 3)[0];
  for (std::int64_t i = 0; i < a.numel(); ++i) ASSERT_EQ(a.at(i), b.at(i));
}

/// What Keras 3.15.1 writes for the model below.
const char* const kKerasModel =
    R"({"module": "keras.src.models.functional", "class_name": "Functional", "config": {"name": )"
    R"("functional", "trainable": true, "layers": [{"module": "keras.layers", "class_name": )"
    R"("InputLayer", "config": {"batch_shape": [null, 3, 5], "dtype": "float32", "sparse": false, )"
    R"("ragged": false, "name": "input_layer", "optional": false}, "registered_name": null, "name": )"
    R"("input_layer", "inbound_nodes": []}, {"module": "keras.layers", "class_name": "InputLayer", )"
    R"("config": {"batch_shape": [null, 4, 6], "dtype": "float32", "sparse": false, "ragged": false, )"
    R"("name": "input_layer_1", "optional": false}, "registered_name": null, "name": "input_layer_1",)"
    R"( "inbound_nodes": []}, {"module": "keras.layers", "class_name": "InputLayer", "config": )"
    R"({"batch_shape": [null, 3, 4], "dtype": "bool", "sparse": false, "ragged": false, "name": )"
    R"("input_layer_2", "optional": false}, "registered_name": null, "name": "input_layer_2", )"
    R"("inbound_nodes": []}, {"module": "keras.layers", "class_name": "MultiHeadAttention", "config":)"
    R"( {"name": "mha", "trainable": true, "dtype": {"module": "keras", "class_name": "DTypePolicy", )"
    R"("config": {"name": "float32"}, "registered_name": null}, "num_heads": 2, "key_dim": 3, )"
    R"("value_dim": 3, "dropout": 0.0, "use_bias": true, "use_gate": false, "output_shape": null, )"
    R"("attention_axes": [1], "sliding_window": null, "kernel_initializer": {"module": )"
    R"("keras.initializers", "class_name": "GlorotUniform", "config": {"seed": null, "input_axes": )"
    R"(null, "output_axes": null}, "registered_name": null}, "bias_initializer": {"module": )"
    R"("keras.initializers", "class_name": "Zeros", "config": {}, "registered_name": null}, )"
    R"("kernel_regularizer": null, "bias_regularizer": null, "activity_regularizer": null, )"
    R"("kernel_constraint": null, "bias_constraint": null, "seed": null}, "registered_name": null, )"
    R"("build_config": {"shapes_dict": {"query_shape": [null, 3, 5], "value_shape": [null, 4, 6]}}, )"
    R"("name": "mha", "inbound_nodes": [{"args": [{"class_name": "__keras_tensor__", "config": )"
    R"({"shape": [null, 3, 5], "dtype": "float32", "keras_history": ["input_layer", 0, 0]}}, )"
    R"({"class_name": "__keras_tensor__", "config": {"shape": [null, 4, 6], "dtype": "float32", )"
    R"("keras_history": ["input_layer_1", 0, 0]}}], "kwargs": {"attention_mask": {"class_name": )"
    R"("__keras_tensor__", "config": {"shape": [null, 3, 4], "dtype": "bool", "keras_history": )"
    R"(["input_layer_2", 0, 0]}}, "use_causal_mask": true}}]}, {"module": "keras.layers", )"
    R"("class_name": "LayerNormalization", "config": {"name": "ln", "trainable": true, "dtype": )"
    R"({"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"}, )"
    R"("registered_name": null}, "axis": [-1], "epsilon": 0.001, "center": true, "scale": true, )"
    R"("rms_scaling": false, "beta_initializer": {"module": "keras.initializers", "class_name": )"
    R"("Zeros", "config": {}, "registered_name": null}, "gamma_initializer": {"module": )"
    R"("keras.initializers", "class_name": "Ones", "config": {}, "registered_name": null}, )"
    R"("beta_regularizer": null, "gamma_regularizer": null, "beta_constraint": null, )"
    R"("gamma_constraint": null}, "registered_name": null, "build_config": {"input_shape": [null, 3, )"
    R"(5]}, "name": "ln", "inbound_nodes": [{"args": [{"class_name": "__keras_tensor__", "config": )"
    R"({"shape": [null, 3, 5], "dtype": "float32", "keras_history": ["mha", 0, 0]}}], "kwargs": )"
    R"({}}]}, {"module": "keras.layers", "class_name": "GlobalAveragePooling1D", "config": {"name": )"
    R"("gap", "trainable": true, "dtype": {"module": "keras", "class_name": "DTypePolicy", "config": )"
    R"({"name": "float32"}, "registered_name": null}, "data_format": "channels_last", "keepdims": )"
    R"(false}, "registered_name": null, "name": "gap", "inbound_nodes": [{"args": [{"class_name": )"
    R"("__keras_tensor__", "config": {"shape": [null, 3, 5], "dtype": "float32", "keras_history": )"
    R"(["ln", 0, 0]}}], "kwargs": {"mask": null}}]}], "input_layers": [["input_layer", 0, 0], )"
    R"(["input_layer_1", 0, 0], ["input_layer_2", 0, 0]], "output_layers": ["gap", 0, 0]}, )"
    R"("registered_name": "Functional", "build_config": {"input_shape": null}, "compile_config": {}})";

/// Two tensors, a mask and causality, through a norm and a mean over steps.
Model masked_model() {
  const KerasTensor query = Input({3, 5}, {.name = "q"}), value = Input({4, 6}, {.name = "v"});
  const KerasTensor mask = Input({3, 4}, {.dtype = DType::Bool, .name = "m"});
  const KerasTensor y =
      MultiHeadAttention(2, 3, {.use_causal_mask = true, .name = "mha"})({query, value, mask});
  const KerasTensor normal = layers::LayerNormalization({.name = "ln"})(y);
  return Model({query, value, mask}, layers::GlobalAveragePooling1D({.name = "gap"})(normal), "m1");
}

TEST(MultiHeadAttention, JsonHoldsArgumentsOfTheCallAsKeras) {
  const Model model = masked_model();
  const std::string json = model.to_json();
  const std::size_t keywords = json.find("\"kwargs\": {\n              \"use_causal_mask\": true,");
  ASSERT_NE(keywords, std::string::npos);
  EXPECT_THAT(json.substr(keywords), HasSubstr("\"attention_mask\": {"));
  Model again = model_from_json(json);
  EXPECT_EQ(again.to_json(), json);
  again.set_weights(model.get_weights());
  const std::vector<Tensor> x{wave({2, 3, 5}, 0).cast(DType::Float32),
                              wave({2, 4, 6}, 1).cast(DType::Float32),
                              Tensor::full({2, 3, 4}, 1.0, DType::Bool)};
  const Tensor a = masked_model().predict(x);
  EXPECT_EQ(a.shape(), (Shape{2, 5}));
  const Tensor b = again.predict(x), c = Model(model).predict(x);
  for (std::int64_t i = 0; i < b.numel(); ++i) EXPECT_EQ(b.at(i), c.at(i));
}

TEST(MultiHeadAttention, ReadsKerasJson) {
  Model model = model_from_json(kKerasModel);
  ASSERT_EQ(model.inputs().size(), 3u);
  EXPECT_EQ(model.get_layer("mha")->config().flag("use_causal_mask"), true);
}

TEST(MultiHeadAttention, Errors) {
  EXPECT_EQ(message_of<ValueError>([] { MultiHeadAttention(0, 3, {.name = "a"}); }),
            "MultiHeadAttention \"a\": num_heads is 0; it must be at least 1");
  EXPECT_EQ(message_of<ValueError>([] {
              MultiHeadAttention(1, 3, {.dropout = 0.1, .flash_attention = true, .name = "a"});
            }),
            "MultiHeadAttention \"a\": flash attention has no dropout; set dropout to 0, or leave "
            "flash_attention out");
  EXPECT_EQ(message_of<ValueError>(
                [] { MultiHeadAttention(1, 3, {.attention_axes = {2}, .name = "a"}); }),
            "MultiHeadAttention \"a\": attention_axes must be 1, the axis of steps");
  const TensorType x{DType::Float32, {-1, 4, 5}}, other{DType::Float32, {-1, 3, 5}};
  EXPECT_EQ(
      message_of<ShapeError>([&] { MultiHeadAttention(1, 3, {.name = "a"})->ensure_built({x}); }),
      "MultiHeadAttention \"a\": takes a query, a value, optionally a key and, last, a bool "
      "mask, but 1 inputs were given");
  EXPECT_EQ(message_of<ShapeError>([&] {
              MultiHeadAttention(1, 3, {.name = "a"})->ensure_built({x, x, other});
            }),
            "MultiHeadAttention \"a\": value (None, 4, 5) and key (None, 3, 5) must have as many "
            "steps");
}

}  // namespace
}  // namespace sinew
