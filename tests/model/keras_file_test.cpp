// Keras's files in both directions: what real Keras wrote (tests/model/keras/) is read here, and
// what is written here is read by real Keras, where there is one.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <set>

#include "io/json.h"
#include "io/zip.h"
#include "model/small_models.h"
#include "model/state.h"
#include "paths.h"
#include "sinew/base/error.h"
#include "sinew/io/file.h"
#include "sinew/nn/registry.h"

namespace sinew {
namespace {

using namespace testing;
using io::Json;
using ::testing::AllOf;
using ::testing::HasSubstr;

std::string folder() { return paths::source() + "/tests/model/keras/"; }
std::string file_of(const std::string& name) { return folder() + name + ".keras"; }

const Json& records() {
  static const Json json = [] {
    std::ifstream in(folder() + "files.json");
    return Json::parse(in);
  }();
  return json;
}

std::vector<std::string> names() {
  std::vector<std::string> result;
  for (const auto& [name, record] : records()["models"].items()) result.push_back(name);
  return result;
}

Tensor wave(const Shape& shape, double phase) {
  Tensor tensor(shape);
  const auto data = tensor.data<float>();
  for (std::size_t i = 0; i < data.size(); ++i)
    data[i] = static_cast<float>(std::sin(0.7 * static_cast<double>(i) + phase));
  return tensor;
}

Shape with_rows(const KerasTensor& tensor, std::int64_t rows) {
  return tensor.shape().with(0, rows);
}

/// As waves.py feeds Keras.
std::vector<Tensor> feed(const Model& model) {
  const auto rows = records()["rows"].get<std::int64_t>();
  std::vector<Tensor> x;
  for (const KerasTensor& input : model.inputs()) {
    const Shape shape = with_rows(input, rows);
    if (is_floating(input.dtype())) {
      x.push_back(wave(shape, 0.1 + 0.3 * static_cast<double>(x.size())));
    } else {
      Tensor& numbers = x.emplace_back(shape, DType::Int64);
      std::int64_t next = 0;
      for (std::int64_t& number : numbers.data<std::int64_t>()) number = next++ % 3;
      numbers = numbers.cast(input.dtype());
    }
  }
  return x;
}

void expect_close(const std::vector<Tensor>& found, const Json& wanted, double tolerance) {
  ASSERT_EQ(found.size(), wanted.size());
  for (std::size_t output = 0; output < found.size(); ++output) {
    const auto numbers = wanted[output].get<std::vector<double>>();
    ASSERT_EQ(found[output].numel(), static_cast<std::int64_t>(numbers.size())) << output;
    double scale = 0;
    for (double number : numbers) scale = std::max(scale, std::abs(number));
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      EXPECT_NEAR(found[output].at(static_cast<std::int64_t>(i)), numbers[i], tolerance * scale)
          << "output " << output << ", element " << i;
    }
  }
}

/// As make_files.py trains: whole batches of waves.
std::vector<double> train(Model& model, int steps) {
  constexpr std::int64_t kRows = 8;
  std::vector<Tensor> x, y;
  for (const KerasTensor& input : model.inputs())
    x.push_back(wave(with_rows(input, kRows), 0.2 + static_cast<double>(x.size())));
  for (const KerasTensor& output : model.outputs())
    y.push_back(wave(with_rows(output, kRows), 0.5 + static_cast<double>(y.size())));
  if (const Shape shape = model.outputs()[0].shape(); y.size() == 1 && shape[-1] > 1) {
    y[0] = Tensor({kRows}, DType::Int64);
    for (std::int64_t row = 0; row < kRows; ++row)
      y[0].data<std::int64_t>()[static_cast<std::size_t>(row)] = row % shape[-1];
  }
  std::vector<double> losses;
  for (int step = 0; step < steps; ++step) {
    model.reset_metrics();
    losses.push_back(model.train_on_batch(TensorList(x), TensorList(y))["loss"]);
  }
  return losses;
}

class KerasFile : public ::testing::TestWithParam<std::string> {
 protected:
  const Json& record() const { return records()["models"][GetParam()]; }
};

class TrainedKerasFile : public KerasFile {};

TEST_P(KerasFile, PredictsWhatKerasPredicts) {
  Model model = load_model(file_of(GetParam()));
  expect_close(model.predict_all(feed(model)), record()["outputs"], 1e-5);
}

TEST_P(TrainedKerasFile, GoesOnTrainingAsKerasDoes) {
  Model model = load_model(file_of(GetParam()));
  EXPECT_EQ(model.iterations(), record()["iterations"].get<std::int64_t>());
  const auto sums = record()["optimizer"].get<std::vector<double>>();
  const auto variables = model.state()->compiled_training().optimizer_variables();
  ASSERT_EQ(variables.size(), sums.size());
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const Tensor value = variables[i]->value();
    double sum = 0;
    for (std::int64_t k = 0; k < value.numel(); ++k) sum += value.at(k);
    EXPECT_NEAR(sum, sums[i], 1e-6 * std::max(1.0, std::abs(sums[i]))) << variables[i]->name();
  }
  const auto wanted = record()["losses"].get<std::vector<double>>();
  const std::vector<double> losses = train(model, static_cast<int>(wanted.size()));
  for (std::size_t step = 0; step < wanted.size(); ++step)
    EXPECT_NEAR(losses[step], wanted[step], 2e-5 * std::abs(wanted[step])) << "step " << step;
}

TEST_P(KerasFile, WritesWhatItReads) {
  const TemporaryFile whole("again.keras"), weights("again.weights.h5");
  Model model = load_model(file_of(GetParam()));
  model.save(whole.path());
  model.save_weights(weights.path());
  Model again = load_model(whole.path());
  EXPECT_EQ(again.to_json(), model.to_json());
  EXPECT_EQ(again.compiled(), model.compiled());
  const std::vector<Tensor> x = feed(model);
  EXPECT_TRUE(same_bits(again.predict_all(x), model.predict_all(x)));
  for (const VariablePtr& weight : again.weights())
    weight->assign(Tensor(weight->shape(), weight->dtype()));
  again.load_weights(weights.path());
  EXPECT_TRUE(same_bits(again.get_weights(), model.get_weights()));
  if (!model.compiled()) return;
  EXPECT_EQ(train(again, 2), train(model, 2)) << "the optimizer's state came along";
}

std::vector<std::string> trained_names() {
  std::vector<std::string> result = names();
  std::erase_if(result, [](const std::string& name) {
    return !records()["models"][name].contains("losses");
  });
  return result;
}

INSTANTIATE_TEST_SUITE_P(Recorded, KerasFile, ::testing::ValuesIn(names()),
                         [](const auto& info) { return info.param; });
INSTANTIATE_TEST_SUITE_P(Recorded, TrainedKerasFile, ::testing::ValuesIn(trained_names()),
                         [](const auto& info) { return info.param; });

TEST(KerasFiles, HoldEveryLayer) {
  // Not Keras's, without weights, or a function, which is refused.
  std::set<std::string> seen = {
      "FullHistoryRNN",  "GaussianSampling", "InputLayer",          "Lambda",
      "LayerTestDouble", "LearnedPositions", "SinusoidalPositions", "LocalResponseNormalization"};
  for (const std::string& name : names()) {
    std::vector<std::shared_ptr<Layer>> layers = load_model(file_of(name)).layers();
    for (std::size_t i = 0; i < layers.size(); ++i) {
      seen.insert(layers[i]->class_name());
      const auto inner = layers[i]->sublayers();
      layers.insert(layers.end(), inner.begin(), inner.end());
    }
  }
  for (const std::string& name : layer_names())
    EXPECT_TRUE(seen.contains(name)) << name << " is in no file: add it to make_files.py";
}

TEST(KerasFiles, WeightsAloneGoIntoAModelOfTheSameLayers) {
  Model model = load_model(file_of("classifier"));
  Model other = model_from_json(model.to_json());
  other.load_weights(folder() + "classifier.weights.h5");
  const Tensor kernel = other.weights()[0]->value();
  EXPECT_NEAR(kernel.at(3), 0.4 * std::sin(0.7 * 3 + 1), 1e-6);
  Model third = model_from_json(model.to_json());
  third.load_weights(file_of("classifier"));
  EXPECT_TRUE(same_bits(third.get_weights(), model.get_weights()));
  EXPECT_THAT(message_of<ValueError>([&] { load_model(folder() + "classifier.weights.h5"); }),
              HasSubstr("weights alone, for load_weights()"));
  EXPECT_THAT(message_of<ValueError>([&] { model.save("model.h5"); }), HasSubstr(".keras"));
  EXPECT_THAT(message_of<ValueError>([&] { model.save_weights("model.h5"); }),
              HasSubstr(".weights.h5"));
}

TEST(KerasFiles, KeepTheUsersMetadata) {
  const TemporaryFile file("metadata.keras");
  Sequential model = classifier();
  model.set_metadata("units", "metres");
  model.save(file.path());
  EXPECT_EQ(load_model(file.path()).metadata().at("units"), "metres");
}

/// What loading the classifier says after its config has been changed.
std::string message_with(const std::string& from, const std::string& to) {
  const TemporaryFile file("changed.keras");
  const std::vector<std::uint8_t> bytes = io::read_file(file_of("classifier"));
  const io::ZipFile zip(bytes, "classifier");
  const io::ZipFile::Contents contents = zip.read("config.json", 1 << 20);
  const io::ZipFile::Contents weights = zip.read("model.weights.h5", 1 << 20);
  std::string config(contents.bytes.begin(), contents.bytes.end());
  const auto at = config.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  config.replace(at, from.size(), to);
  io::write_zip(
      file.path(),
      {{"config.json", {{reinterpret_cast<const std::uint8_t*>(config.data()), config.size()}}},
       {"model.weights.h5", {weights.bytes}}});
  const std::string message = message_of<ValueError>([&] { load_model(file.path()); });
  EXPECT_THAT(message, HasSubstr(file.path() + "': config.json"));
  return message;
}

TEST(KerasFiles, NothingOfAFileIsExecuted) {
  EXPECT_THAT(message_with(R"("class_name": "Flatten", "config": {)",
                           R"("class_name": "Lambda", "config": {"function": {"class_name":
        "__lambda__", "config": {"code": "4wAAAA==", "defaults": null, "closure": null}},)"),
              AllOf(HasSubstr("Lambda \"flatten"), HasSubstr("Python code (a lambda)"),
                    HasSubstr("no code of a file is ever run")));
  EXPECT_THAT(message_with(R"({"module": "keras.layers", "class_name": "Flatten")",
                           R"({"module": "os", "class_name": "system")"),
              AllOf(HasSubstr("'system' is of the Python module 'os'"),
                    HasSubstr("no module of a file is ever imported")));
  EXPECT_THAT(message_with(R"("activation": "relu")", R"("activation": {"module": "builtins",
        "class_name": "function", "config": "eval", "registered_name": "function"})"),
              HasSubstr("unknown activation 'eval'"));
  EXPECT_THAT(message_with(R"("activation": "relu")", R"("activation": {"module": "subprocess",
        "class_name": "function", "config": "run", "registered_name": "function"})"),
              AllOf(HasSubstr("option 'activation'"), HasSubstr("run"), HasSubstr("'subprocess'")));
  EXPECT_THAT(message_with(R"("class_name": "ExponentialDecay")",
                           R"("module": "evil", "class_name": "ExponentialDecay")"),
              HasSubstr("twice"));
  EXPECT_THAT(message_with(R"("loss": "sparse_categorical_crossentropy")",
                           R"("loss": {"module": "builtins", "class_name": "function",
        "config": "my_loss", "registered_name": "function"})"),
              HasSubstr("unknown loss 'my_loss'"));
  EXPECT_THAT(message_with(R"("class_name": "Flatten")", R"("class_name": "Flat")"),
              HasSubstr("unknown layer 'Flat'"));
}

TEST(KerasFiles, DamagedOnesAreRefusedWithTheirName) {
  const TemporaryFile file("damaged.keras");
  const std::vector<std::uint8_t> whole = io::read_file(file_of("classifier"));
  const auto message_for = [&](std::span<const std::uint8_t> bytes) {
    io::write_file(file.path(), std::span(&bytes, 1));
    return message_of<FileError>([&] { load_model(file.path()); });
  };
  for (std::size_t size : {4, 100, 2000}) {
    EXPECT_THAT(message_for(std::span(whole).first(size)),
                AllOf(HasSubstr(file.path()), HasSubstr("cut short or damaged")));
  }
  std::vector<std::uint8_t> changed = whole;
  changed[whole.size() / 2] ^= 0x10;
  EXPECT_THAT(message_for(changed), HasSubstr("its checksum is wrong"));
  const io::ZipFile zip(whole, "whole");
  const io::ZipFile::Contents config = zip.read("config.json", 1 << 20);
  io::write_zip(file.path(), {{"config.json", {config.bytes}}});
  EXPECT_THAT(message_of<FileError>([&] { load_model(file.path()); }),
              HasSubstr("holds no 'model.weights.h5'"));
}

/// A Python that has Keras: $SINEW_KERAS_PYTHON, or python3.
TEST(KerasFiles, RealKerasReadsWhatIsWritten) {
  const char* given = std::getenv("SINEW_KERAS_PYTHON");
  const std::string python = given ? given : "python3";
  if (std::system((python + " -c 'import keras' 2>/dev/null").c_str()) != 0) {
    GTEST_SKIP() << "no Keras in '" << python
                 << "': set SINEW_KERAS_PYTHON to a Python that has it";
  }
  const std::string to = ::testing::TempDir() + "sinew_keras_" + std::to_string(::getpid());
  std::filesystem::create_directory(to);
  for (const std::string& name : names()) {
    const Model model = load_model(file_of(name));
    model.save(to + "/" + name + ".keras");
    model.save_weights(to + "/" + name + ".weights.h5");
  }
  EXPECT_EQ(std::system((python + " " + folder() + "check_files.py " + to).c_str()), 0);
  std::filesystem::remove_all(to);
}

}  // namespace
}  // namespace sinew
