// The networks as a user of LibTorch writes them.

#include "models.h"

#include <cmath>

namespace compare {
namespace {

using namespace torch::nn;
using torch::Tensor;

constexpr std::int64_t kWidth = 256;
constexpr std::int64_t kHeads = 4;
constexpr int kLayers = 4;

struct Cnn final : Model {
  Conv2d conv1 = register_module("conv1", Conv2d(1, 32, 3));
  Conv2d conv2 = register_module("conv2", Conv2d(32, 64, 3));
  Linear dense1 = register_module("dense1", Linear(1600, 128));
  Linear dense2 = register_module("dense2", Linear(128, 10));

  Tensor forward(Tensor x) override {
    x = torch::max_pool2d(torch::relu(conv1(x)), 2);
    x = torch::max_pool2d(torch::relu(conv2(x)), 2);
    return dense2(torch::relu(dense1(x.flatten(1))));
  }
};

struct Lstm final : Model {
  LSTM lstm{nullptr};
  Linear dense{nullptr};

  Lstm(std::int64_t features, std::int64_t classes) {
    lstm =
        register_module("lstm", LSTM(LSTMOptions(features, 128).num_layers(3).batch_first(true)));
    dense = register_module("dense", Linear(128, classes));
  }

  Tensor forward(Tensor x) override { return dense(std::get<0>(lstm(x)).select(1, x.size(1) - 1)); }
};

struct Mlp final : Model {
  Linear dense1 = register_module("dense1", Linear(784, 512));
  Linear dense2 = register_module("dense2", Linear(512, 512));
  Linear dense3 = register_module("dense3", Linear(512, 10));

  Tensor forward(Tensor x) override { return dense3(torch::relu(dense2(torch::relu(dense1(x))))); }
};

/// Padding as Keras's "same": with a stride of 2 on an even extent, one row and column at the end
/// only.
Conv2d same_conv(std::int64_t inputs, std::int64_t outputs, std::int64_t kernel,
                 std::int64_t stride) {
  return Conv2d(Conv2dOptions(inputs, outputs, kernel)
                    .stride(stride)
                    .padding(stride == 1 ? kernel / 2 : 0)
                    .bias(false));
}

BatchNorm2d batch_norm(std::int64_t channels) {
  return BatchNorm2d(BatchNorm2dOptions(channels).eps(1e-5).momentum(0.1));
}

struct Block final : Model {
  std::int64_t stride;
  Conv2d conv1{nullptr}, conv2{nullptr}, shortcut{nullptr};
  BatchNorm2d norm1{nullptr}, norm2{nullptr};

  Block(std::int64_t inputs, std::int64_t outputs) : stride(inputs == outputs ? 1 : 2) {
    conv1 = register_module("conv1", same_conv(inputs, outputs, 3, stride));
    norm1 = register_module("norm1", batch_norm(outputs));
    conv2 = register_module("conv2", same_conv(outputs, outputs, 3, 1));
    norm2 = register_module("norm2", batch_norm(outputs));
    if (stride > 1) shortcut = register_module("shortcut", same_conv(inputs, outputs, 1, stride));
  }

  Tensor forward(Tensor x) override {
    const Tensor padded = stride > 1 ? torch::constant_pad_nd(x, {0, 1, 0, 1}) : x;
    const Tensor y = torch::relu(norm1(conv1(padded)));
    return torch::relu(norm2(conv2(y)) + (stride > 1 ? shortcut(x) : x));
  }
};

struct ResNet20 final : Model {
  Conv2d conv = register_module("conv", same_conv(3, 16, 3, 1));
  BatchNorm2d norm = register_module("norm", batch_norm(16));
  Linear dense = register_module("dense", Linear(64, 10));
  ModuleList list = register_module("blocks", ModuleList());
  std::vector<std::shared_ptr<Block>> blocks;

  ResNet20() {
    const std::int64_t widths[] = {16, 16, 16, 16, 32, 32, 32, 64, 64, 64};
    for (int i = 0; i < 9; ++i) {
      blocks.push_back(std::make_shared<Block>(widths[i], widths[i + 1]));
      list->push_back(blocks.back());
    }
  }

  Tensor forward(Tensor x) override {
    x = torch::relu(norm(conv(x)));
    for (const auto& block : blocks) x = block->forward(x);
    return dense(x.mean({2, 3}));
  }
};

struct Attention final : Model {
  Tensor in_proj_weight = register_parameter("in_proj_weight", torch::zeros({3 * kWidth, kWidth}));
  Tensor in_proj_bias = register_parameter("in_proj_bias", torch::zeros({3 * kWidth}));
  Linear out_proj = register_module("out_proj", Linear(kWidth, kWidth));

  Tensor forward(Tensor x) override {
    const std::int64_t key = kWidth / kHeads;
    const std::vector<Tensor> parts = torch::linear(x, in_proj_weight, in_proj_bias)
                                          .view({x.size(0), x.size(1), 3, kHeads, key})
                                          .permute({2, 0, 3, 1, 4})
                                          .unbind(0);
    const Tensor scores = torch::matmul(parts[0] / std::sqrt(double(key)), parts[1].mT());
    const Tensor mixed = torch::matmul(torch::softmax(scores, -1), parts[2]);
    return out_proj(mixed.transpose(1, 2).reshape(x.sizes()));
  }
};

LayerNorm layer_norm() { return LayerNorm(LayerNormOptions({kWidth}).eps(1e-5)); }

struct EncoderLayer final : Model {
  LayerNorm norm1 = register_module("norm1", layer_norm());
  std::shared_ptr<Attention> attention =
      register_module("self_attn", std::make_shared<Attention>());
  LayerNorm norm2 = register_module("norm2", layer_norm());
  Linear linear1 = register_module("linear1", Linear(kWidth, 4 * kWidth));
  Linear linear2 = register_module("linear2", Linear(4 * kWidth, kWidth));

  Tensor forward(Tensor x) override {
    x = x + attention->forward(norm1(x));
    return x + linear2(torch::gelu(linear1(norm2(x))));
  }
};

struct Transformer final : Model {
  ModuleList list = register_module("layers", ModuleList());
  LayerNorm norm = register_module("norm", layer_norm());
  std::vector<std::shared_ptr<EncoderLayer>> layers;

  Transformer() {
    for (int i = 0; i < kLayers; ++i) {
      layers.push_back(std::make_shared<EncoderLayer>());
      list->push_back(layers.back());
    }
  }

  Tensor forward(Tensor x) override {
    for (const auto& layer : layers) x = layer->forward(x);
    return norm(x);
  }
};

}  // namespace

std::shared_ptr<Model> make_model(const std::string& kind, std::int64_t features,
                                  std::int64_t classes) {
  if (kind == "cnn") return std::make_shared<Cnn>();
  if (kind == "lstm") return std::make_shared<Lstm>(features, classes);
  if (kind == "mlp") return std::make_shared<Mlp>();
  if (kind == "resnet20") return std::make_shared<ResNet20>();
  if (kind == "transformer") return std::make_shared<Transformer>();
  throw std::runtime_error("this worker has no network '" + kind + "'");
}

}  // namespace compare
