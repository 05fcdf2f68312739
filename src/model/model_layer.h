#pragma once

#include "model/state.h"

namespace sinew::model {

/// A model as a layer of another: its layers are the sublayers.
class ModelLayer final : public Layer {
 public:
  explicit ModelLayer(std::shared_ptr<State> state);

  const std::shared_ptr<State>& state() const { return state_; }

  std::string class_name() const override;
  /// Throws ValueError: models are written with their layers, not as options.
  Attributes config() const override;
  bool supports_masking() const override { return true; }
  /// The model's last layers have said what masks there are.
  std::vector<Value> compute_mask(CallContext& context, const std::vector<Value>& inputs,
                                  const std::vector<Value>& outputs) const override;
  void check_inputs(const std::vector<TensorType>& inputs) const override;
  void build_for(const std::vector<TensorType>& inputs) override;
  std::vector<Value> call(CallContext& context, const std::vector<Value>& inputs) override;
  /// Its layers take the policy; the model itself casts nothing.
  void set_dtype_policy(const DTypePolicy& policy) override;
  DType input_dtype() const override;

 private:
  void add_layers();

  std::shared_ptr<State> state_;
};

}  // namespace sinew::model
