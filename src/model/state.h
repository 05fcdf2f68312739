#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/network.h"
#include "model/step.h"
#include "model/training.h"
#include "sinew/graph/variable.h"
#include "sinew/model/arguments.h"

namespace sinew::model {

class ModelLayer;

/// What the handles Model and Sequential share.
struct State {
  std::string name;
  bool sequential = false;
  /// A Sequential's layers and, once the input's shape is known, its input and the last layer's
  /// output.
  std::vector<LayerPtr> stack;
  KerasTensor input;
  KerasTensor output;
  /// The wired layers; absent until a Sequential is built and asked for them.
  mutable std::optional<Network> network;

  /// Losses, metrics, optimizer; absent until compile().
  std::unique_ptr<Training> training;
  /// Int64 scalars that key random ops: the run's seed and the training steps taken.
  VariablePtr seed = std::make_shared<Variable>("seed", DType::Int64, Shape{});
  VariablePtr step = std::make_shared<Variable>("step", DType::Int64, Shape{});
  StepCache steps;
  /// The model as a layer of other models, which own it.
  std::weak_ptr<ModelLayer> layer;
  /// What the user wants kept in the model's file.
  std::map<std::string, std::string> metadata;
  bool stop_training = false;
  /// Whether the training under way validates.
  bool validates = false;

  /// `Sequential "sequential"`.
  std::string where() const;
  /// Throws ValueError when a prediction gave another number of outputs than one.
  void expect_one_output(std::size_t outputs) const;
  /// Throws ValueError with what to do when the model has not been built or not been compiled.
  const Network& built_network() const;
  Training& compiled_training() const;
  bool built() const { return network || output.defined(); }
  /// Builds a Sequential for arrays whose rows have such shapes.
  void build_for(const TensorList& x);
  /// Builds a Sequential from its input's shape, of which the batch extent may be unknown; not read
  /// where there is an input already.
  void build_stack(const Shape& input_shape);
  /// Calls one more layer of a Sequential on the output so far.
  void extend(const LayerPtr& layer);
  std::vector<std::shared_ptr<Layer>> layers() const;
  std::vector<VariablePtr> weights() const;
  /// The weights that training changes, or those that it does not.
  std::vector<VariablePtr> weights(bool trainable) const;
  /// What layers keep from batch to batch, each once.
  std::vector<VariablePtr> states() const;
  /// The model's inputs as data must fit them.
  std::vector<Expected> expected_inputs() const;
  /// The model's outputs in the types that losses and metrics see.
  std::vector<Expected> expected_outputs() const;
};

/// A weight with its names, each unique within the model.
struct NamedWeight {
  /// `layer/weight`, for messages.
  std::string name;
  /// The same with layers named by class and counted within the model (`dense/kernel`,
  /// `dense_1/kernel`), so that files do not depend on what other models the program has made.
  /// Keras names weights in files the same way.
  std::string key;
  VariablePtr variable;
};
std::vector<NamedWeight> named_weights(const State& state);

std::string summary(const State& state);

}  // namespace sinew::model
