#include "cli/networks.h"

#include "sinew/applications/generative.h"
#include "sinew/applications/image_classifiers.h"
#include "sinew/applications/language.h"
#include "sinew/applications/unet.h"

namespace sinew::cli {
namespace {

using namespace applications;

template <typename Options>
Network classifier(std::string name, Model (*make)(Options)) {
  return {std::move(name), [make] { return make({}); },
          [make](const Shape& images, std::int64_t classes) {
            Options options;
            options.input_shape = images;
            options.classes = classes;
            return make(options);
          }};
}

template <typename Options>
Network network(std::string name, Model (*make)(Options)) {
  return {std::move(name), [make] { return make({}); }};
}

}  // namespace

const std::vector<Network>& networks() {
  static const std::vector<Network> all = {
      classifier("lenet5", LeNet5),
      classifier("alexnet", AlexNet),
      classifier("vgg16", VGG16),
      classifier<CifarResNetOptions>(
          "resnet20", [](CifarResNetOptions options) { return CifarResNet(20, options); }),
      classifier("resnet50", ResNet50),
      classifier("mobilenet_v2", MobileNetV2),
      network("unet", UNet),
      network<VariationalAutoencoderOptions>(
          "vae",
          [](VariationalAutoencoderOptions options) {
            return make_variational_autoencoder(options).autoencoder;
          }),
      network<GenerativeAdversarialNetworkOptions>("gan",
                                                   [](GenerativeAdversarialNetworkOptions options) {
                                                     return make_gan(options).adversarial;
                                                   }),
      network("lstm_language_model", LSTMLanguageModel),
      network("seq2seq", Seq2Seq),
      network("transformer_base", Transformer),
      network("bert_base", Bert),
      network("gpt2", Gpt)};
  return all;
}

const Network* find_network(const std::string& name) {
  for (const Network& network : networks()) {
    if (network.name == name) return &network;
  }
  return nullptr;
}

}  // namespace sinew::cli
