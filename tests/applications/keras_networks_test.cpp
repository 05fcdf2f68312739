// Networks that Keras has too are Keras's, layer by layer and weight by weight.

#include <sstream>

#include "applications/network_harness.h"
#include "io/zip.h"
#include "paths.h"
#include "sinew/applications/image_classifiers.h"
#include "sinew/io/file.h"

namespace sinew {
namespace {

using namespace testing;

struct Case {
  const char* name;
  Model (*make)();
};
const Case kCases[] = {
    {"resnet50", [] { return applications::ResNet50(); }},
    {"mobilenet_v2", [] { return applications::MobileNetV2(); }},
    {"vgg16", [] { return applications::VGG16(); }},
};

/// What tests/applications/keras/record_networks.py wrote.
std::string recorded(const std::string& entry) {
  const std::string path = paths::source() + "/tests/applications/keras/networks.zip";
  static const std::vector<std::uint8_t> bytes = io::read_file(path);
  const io::ZipFile::Contents contents = io::ZipFile(bytes, path).read(entry, 1 << 20);
  return {contents.bytes.begin(), contents.bytes.end()};
}

class KerasNetwork : public ::testing::TestWithParam<Case> {};

TEST_P(KerasNetwork, HasKerassLayers) {
  const UndrawnWeights undrawn;
  const Model keras = model_from_json(recorded(GetParam().name + std::string(".json")));
  clear_session();
  Model model = GetParam().make();
  EXPECT_EQ(model.name(), keras.name());
  const auto layers = model.layers(), others = keras.layers();
  ASSERT_EQ(layers.size(), others.size());
  for (std::size_t i = 0; i < layers.size(); ++i) {
    EXPECT_EQ(layers[i]->class_name(), others[i]->class_name());
    // The first layer's name counts the models before it.
    if (i == 0) continue;
    EXPECT_EQ(layers[i]->name(), others[i]->name());
    EXPECT_EQ(layers[i]->config(), others[i]->config()) << layers[i]->name();
  }
  EXPECT_EQ(model.outputs()[0].shape(), keras.outputs()[0].shape());
}

TEST_P(KerasNetwork, HasKerassWeights) {
  const UndrawnWeights undrawn;
  const Model model = GetParam().make();
  std::istringstream lines(recorded(GetParam().name + std::string(".weights")));
  std::string line;
  for (const VariablePtr& weight : model.weights()) {
    ASSERT_TRUE(std::getline(lines, line)) << "Keras has no " << weight->name();
    // Python writes (64,).
    std::string shape = weight->shape().str();
    if (weight->shape().rank() == 1 && !shape.ends_with(",)")) shape.insert(shape.size() - 1, ",");
    EXPECT_EQ(weight->name() + " " + shape, line);
  }
  EXPECT_FALSE(std::getline(lines, line)) << line << " is missing";
}

INSTANTIATE_TEST_SUITE_P(All, KerasNetwork, ::testing::ValuesIn(kCases),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace sinew
