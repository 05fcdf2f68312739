#pragma once

#include <memory>
#include <string>

#include "nn/config.h"
#include "sinew/base/error.h"
#include "sinew/nn/layers.h"
#include "sinew/nn/registry.h"

/// What all of Sinew's own layers share: one list of arguments a layer (its template `fields(self,
/// visit)`) serves the option struct, config() and make_layer().
namespace sinew {

/// Base of layers (of some kind `Base`) whose arguments are listed by `Derived::fields`.
template <typename Derived, typename Base = Layer>
class ConfiguredLayer : public Base {
 public:
  /// Throws ValueError, beginning with where(), when arguments are out of range.
  virtual void check_arguments() {}

  Attributes config() const final {
    ConfigWriter writer;
    writer("name", this->name());
    writer("trainable", this->trainable());
    writer("dtype", this->dtype_policy());
    if (this->has_input_shape() || this->class_name() == "InputLayer")
      writer("batch_shape", this->input_shape().prepend(this->batch_size()));
    try {
      Derived::fields(static_cast<const Derived&>(*this), writer);
    } catch (const ValueError& error) {
      // An argument that is a function of the user's.
      throw ValueError(this->where() + ": " + error.what());
    }
    return writer.take();
  }
};

/// Takes the options that every layer has, and checks the rest.
template <typename Derived, typename Options>
LayerPtr finish(const std::shared_ptr<Derived>& layer, const Options& options) {
  layer->set_name(options.name);
  layer->name();
  layer->set_dtype_policy(options.dtype);
  if constexpr (requires { options.input_shape; }) layer->set_input_shape(options.input_shape);
  if constexpr (requires { options.trainable; }) layer->set_trainable(options.trainable);
  layer->check_arguments();
  return std::shared_ptr<Layer>(layer);
}

/// Registers a ConfiguredLayer that can be made without arguments.
template <typename Derived>
class RegisterConfigured {
 public:
  explicit RegisterConfigured(const std::string& class_name)
      : registered_(class_name,
                    [class_name](const Attributes& config) { return make(class_name, config); }),
        signature_(class_name, arguments) {}

 private:
  static std::vector<Argument> arguments() {
    return arguments_of([](ConfigReader& lister) {
      Derived layer;
      Derived::fields(layer, lister);
    });
  }

  static LayerPtr make(const std::string& class_name, const Attributes& config) {
    const auto layer = std::make_shared<Derived>();
    struct {
      std::string name;
      DTypePolicy dtype = DType::Float32;
      Shape input_shape;
      bool trainable = true;
    } common;
    Shape batch_shape;
    ConfigReader reader("layer " + class_name, config);
    reader("name", common.name);
    reader("dtype", common.dtype);
    reader("trainable", common.trainable);
    reader("input_shape", common.input_shape);
    // Keras 3 and Keras 2.
    reader("batch_shape", batch_shape);
    reader("batch_input_shape", batch_shape);
    if (batch_shape.rank() > 0) common.input_shape = batch_shape.drop_front();
    Derived::fields(*layer, reader);
    reader.finish();
    LayerPtr made = finish(layer, common);
    if (batch_shape.rank() > 0) made->set_input_shape(common.input_shape, batch_shape[0]);
    return made;
  }

  RegisterLayer registered_;
  RegisterSignature signature_;
};

/// For `fields`: the arguments of layers with a kernel and a bias, in Keras's order.
void kernel_and_bias_fields(auto& self, auto& visit) {
  visit("kernel_initializer", self.options.kernel_initializer);
  visit("bias_initializer", self.options.bias_initializer);
  visit("kernel_regularizer", self.options.kernel_regularizer);
  visit("bias_regularizer", self.options.bias_regularizer);
  visit("activity_regularizer", self.options.activity_regularizer);
  visit("kernel_constraint", self.options.kernel_constraint);
  visit("bias_constraint", self.options.bias_constraint);
}

/// The same of layers that scale and shift.
void beta_and_gamma_fields(auto& self, auto& visit) {
  visit("beta_initializer", self.options.beta_initializer);
  visit("gamma_initializer", self.options.gamma_initializer);
  visit("beta_regularizer", self.options.beta_regularizer);
  visit("gamma_regularizer", self.options.gamma_regularizer);
  visit("beta_constraint", self.options.beta_constraint);
  visit("gamma_constraint", self.options.gamma_constraint);
}

/// (N, T, …) -> (N, …): what one step of a sequence is.
TensorType without_steps(const TensorType& sequence);

/// Throws ValueError for more steps than a layer may write into the graph one by one: a program of
/// more would take minutes to compile.
void expect_unrollable(const Layer& layer, std::int64_t steps);

/// Arguments that are extents stay below this, so that small multiples of them cannot overflow.
constexpr std::int64_t kLargestExtent = std::int64_t{1} << 40;

/// For check_arguments(): throw ValueError unless value >= least (and an extent some machine could
/// hold); unless the text is one of the known ones.
void expect_at_least(const Layer& layer, const char* option, std::int64_t value,
                     std::int64_t least);
void expect_one_of(const Layer& layer, const char* option, const std::string& value,
                   const std::vector<std::string>& known);

/// For a kernel whose axes are not in the order of a Dense layer's or convolution's: initializers
/// that scale by a unit's inputs and outputs count these, and draw a matrix of as many numbers.
Initializer with_fans(const Initializer& initializer, std::int64_t in, std::int64_t out);

/// Adds a penalty on a layer's result to the loss, per sample as Keras does: divided by the batch
/// extent.
void add_activity_loss(CallContext& context, const Regularizer& regularizer, Value output);

}  // namespace sinew
