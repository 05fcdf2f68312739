// LibTorch's worker: answers the requests of protocol.h. usage: libtorch_worker
// default|channels-last

#include <torch/torch.h>

#include <memory>

#include "../protocol.h"
#include "models.h"
#include "safetensors.h"

namespace {

using compare::Json;
using torch::Tensor;

class Network {
 public:
  Network(const Json& request, bool channels_last)
      : kind_(request.at("kind")),
        training_(request.at("training")),
        weights_(compare::load_safetensors(request.at("weights"))) {
    const auto shape = request.at("input_shape").get<std::vector<std::int64_t>>();
    model_ = compare::make_model(kind_, shape.back(), request.at("classes"));
    load_weights();
    compare::Tensors data = compare::load_safetensors(request.at("data"));
    x_ = data.at("x");
    y_ = data.at("y");
    if (x_.dim() == 4) x_ = x_.permute({0, 3, 1, 2}).contiguous();
    if (channels_last) to_channels_last();
    if (training_) {
      optimizer_ = std::make_unique<torch::optim::Adam>(model_->parameters(),
                                                        torch::optim::AdamOptions(1e-3));
    }
    model_->train(training_);
  }

  void step() {
    if (!training_) {
      predict();
      return;
    }
    optimizer_->zero_grad();
    loss().backward();
    optimizer_->step();
  }

  void check(const std::string& path) {
    load_weights();
    compare::Tensors result;
    model_->eval();
    result["output"] = predict();
    if (training_) {
      model_->train();
      model_->zero_grad();
      const Tensor value = loss();
      value.backward();
      result["loss"] = value.detach();
      for (const auto& parameter : model_->named_parameters())
        result[parameter.key()] = parameter.value().grad();
    }
    compare::save_safetensors(path, result);
  }

 private:
  void load_weights() {
    torch::NoGradGuard no_gradient;
    auto places = model_->named_parameters();
    for (const auto& buffer : model_->named_buffers()) places.insert(buffer.key(), buffer.value());
    for (const auto& [name, value] : weights_) places[name].copy_(value);
  }

  void to_channels_last() {
    x_ = x_.contiguous(torch::MemoryFormat::ChannelsLast);
    for (Tensor& parameter : model_->parameters()) {
      if (parameter.dim() == 4)
        parameter.set_data(parameter.data().contiguous(torch::MemoryFormat::ChannelsLast));
    }
  }

  Tensor loss() {
    const Tensor output = model_->forward(x_);
    return kind_ == "transformer" ? torch::mse_loss(output, y_)
                                  : torch::nn::functional::cross_entropy(output, y_);
  }

  Tensor predict() {
    const torch::InferenceMode no_gradient;
    const Tensor output = model_->forward(x_);
    return kind_ == "transformer" ? output : torch::softmax(output, -1);
  }

  std::string kind_;
  bool training_;
  compare::Tensors weights_;
  std::shared_ptr<compare::Model> model_;
  std::unique_ptr<torch::optim::Adam> optimizer_;
  Tensor x_, y_;
};

}  // namespace

int main(int, char** arguments) {
  const bool channels_last = std::string(arguments[1]) == "channels-last";
  std::unique_ptr<Network> network;
  compare::serve(
      {{"prepare",
        [&](const Json& request) {
          torch::set_num_threads(request.at("threads"));
          network = std::make_unique<Network>(request, channels_last);
          return Json{{"version", TORCH_VERSION}};
        }},
       {"run",
        [&](const Json& request) { return compare::timed(request, [&] { network->step(); }); }},
       {"check", [&](const Json& request) {
          network->check(request.at("out"));
          return Json::object();
        }}});
}
