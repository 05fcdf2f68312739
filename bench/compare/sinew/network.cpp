#include "network.h"

#include <sinew/io/safetensors.h>

#include "weights.h"

namespace compare {
namespace {

using sinew::Tensor;

/// The step of gradient descent that gradients are read from: a power of two, so that dividing by
/// it is exact, and large, so that little of the gradient is lost in the weight it is subtracted
/// from.
constexpr double kStep = 64;

Tensor gradient(const Tensor& before, const Tensor& after) {
  Tensor result(before.shape());
  const std::span<float> slopes = result.data<float>();
  for (std::size_t i = 0; i < slopes.size(); ++i) {
    slopes[i] = (before.data<float>()[i] - after.data<float>()[i]) / static_cast<float>(kStep);
  }
  return result;
}

}  // namespace

Network::Network(const Json& request) : model_(sinew::model_from_json(request.at("config"))) {
  read_weights(model_, request.at("weights"));
  weights_ = model_.get_weights();
  const sinew::io::SafeTensors data = sinew::io::read_safetensors(request.at("data"));
  x_ = data.at("x");
  if (!request.at("training")) return;
  y_ = data.at("y");
  loss_ = request.at("loss");
  dtype_policy_ = request.value("dtype_policy", "float32");
  model_.compile(arguments("adam"));
}

sinew::CompileArguments Network::arguments(sinew::OptimizerPtr optimizer) const {
  return {.optimizer = std::move(optimizer), .loss = loss_, .dtype_policy = dtype_policy_};
}

void Network::step() {
  if (y_.defined()) {
    model_.train_on_batch(x_, y_);
  } else {
    model_.predict_on_batch(x_);
  }
}

void Network::check(const std::string& path) {
  sinew::io::SafeTensors result;
  model_.set_weights(weights_);
  result.tensors.emplace_back("output", model_.predict_on_batch(x_).clone());
  if (y_.defined()) {
    model_.compile(arguments(sinew::optimizers::SGD({.learning_rate = kStep})));
    const sinew::Logs logs = model_.train_on_batch(x_, y_);
    result.tensors.emplace_back("loss", Tensor::scalar(static_cast<float>(logs["loss"])));
    const std::vector<NamedWeight> named = named_weights(model_);
    for (std::size_t i = 0; i < named.size(); ++i) {
      if (!named[i].variable->trainable()) continue;
      result.tensors.emplace_back(named[i].name, gradient(weights_[i], named[i].variable->value()));
    }
  }
  sinew::io::write_safetensors(path, result);
}

}  // namespace compare
