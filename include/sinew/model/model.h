#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sinew/model/arguments.h"
#include "sinew/model/logs.h"
#include "sinew/nn/layer.h"

namespace sinew {

namespace model {
struct State;
}

/// One KerasTensor or several: the inputs or outputs of a Model.
class KerasTensorList : public std::vector<KerasTensor> {
 public:
  KerasTensorList(KerasTensor tensor) : std::vector<KerasTensor>{std::move(tensor)} {}
  KerasTensorList(std::vector<KerasTensor> tensors)
      : std::vector<KerasTensor>(std::move(tensors)) {}
  KerasTensorList(std::initializer_list<KerasTensor> tensors) : std::vector<KerasTensor>(tensors) {}
};

/// Bytes that a model takes, known once its steps are compiled: before the first one runs.
struct MemoryPlan {
  /// Of all steps compiled so far: activations, gradients, scratch memory, in buffers that are
  /// shared by lifetime.
  std::int64_t arenas = 0;
  std::int64_t weights = 0;
  std::int64_t optimizer = 0;

  std::int64_t total() const { return arenas + weights + optimizer; }
};

/// A network of layers with what trains it: Keras's Model. Copies are handles to the same model.
class Model {
 public:
  /// The functional model from `inputs` (made by Input()) to `outputs`; layers may be shared.
  /// Throws ValueError when the outputs depend on an Input() that is not among the inputs, or two
  /// layers have one name.
  Model(KerasTensorList inputs, KerasTensorList outputs, std::string name = {});
  virtual ~Model() = default;
  Model(const Model&) = default;
  Model& operator=(const Model&) = default;

  const std::string& name() const;
  /// "Sequential" or "Functional".
  std::string class_name() const;
  bool built() const;
  /// All layers in Keras's order; a Sequential's without its InputLayer.
  std::vector<std::shared_ptr<Layer>> layers() const;
  /// Throws ValueError naming the nearest layer's name.
  std::shared_ptr<Layer> get_layer(const std::string& name) const;
  /// The inputs and outputs of a built model, with an unknown batch extent.
  std::vector<KerasTensor> inputs() const;
  std::vector<KerasTensor> outputs() const;
  std::vector<std::string> output_names() const;
  /// The model as a layer of another one, as in Keras: what Sequential::add(), TimeDistributed()
  /// and calls take. One object, however often it is asked for; its weights are the model's.
  LayerPtr layer() const;
  operator LayerPtr() const { return layer(); }
  /// Calls layer() on inputs of another model. Throws ShapeError when they do not fit.
  std::vector<KerasTensor> call_all(const std::vector<KerasTensor>& inputs) const;
  /// The same for models with one output.
  KerasTensor operator()(const KerasTensor& input) const;
  KerasTensor operator()(const std::vector<KerasTensor>& inputs) const;

  /// In Keras's order: layer by layer, each in the order in which it made them.
  std::vector<VariablePtr> weights() const;
  std::vector<VariablePtr> trainable_weights() const;
  std::vector<VariablePtr> non_trainable_weights() const;
  std::int64_t count_params() const;
  std::vector<Tensor> get_weights() const;
  /// Takes tensors in the order of get_weights(). Throws ValueError when their number, ShapeError
  /// when a shape differs, naming the weight.
  void set_weights(const std::vector<Tensor>& weights);
  /// Sets to zeros what stateful layers keep from batch to batch, as before a new set of sequences.
  void reset_states();
  /// Keras's table of layers with their output shapes and parameter counts.
  std::string summary() const;

  /// Chooses the optimizer, losses and metrics. Names unknown to them throw ValueError naming the
  /// nearest known one.
  void compile(CompileArguments arguments = {});
  bool compiled() const;
  /// Trains. x: one tensor an input, (N, …), y: one an output; integers are accepted where the
  /// input is floating. Everything is checked before the first step: throws ValueError, ShapeError
  /// or DTypeError.
  History fit(const TensorList& x, const TensorList& y, const FitArguments& arguments = {});
  /// The same with the elements of a data set as batches: {inputs…, targets…} or {inputs…,
  /// targets…, sample weights…}, shuffled and batched by it; the arguments that do so for arrays
  /// are not looked at. Each batch is checked before its step, and errors name its number. A step
  /// is compiled for each shape of a batch that comes.
  History fit(const data::Dataset& batches, const FitArguments& arguments = {});
  /// "loss", the outputs' losses and the metrics over all rows.
  Logs evaluate(const TensorList& x, const TensorList& y, const EvaluateArguments& arguments = {});
  Logs evaluate(const data::Dataset& batches, const EvaluateArguments& arguments = {});
  /// The output for all rows; throws ValueError when the model has several outputs: see
  /// predict_all.
  Tensor predict(const TensorList& x, const PredictArguments& arguments = {});
  std::vector<Tensor> predict_all(const TensorList& x, const PredictArguments& arguments = {});
  /// Of batches {inputs…}; what follows the inputs is left out.
  Tensor predict(const data::Dataset& batches, const PredictArguments& arguments = {});
  std::vector<Tensor> predict_all(const data::Dataset& batches,
                                  const PredictArguments& arguments = {});

  /// One step on one batch. The metrics are running values, as in Keras: reset_metrics() starts
  /// them anew.
  Logs train_on_batch(const TensorList& x, const TensorList& y,
                      const TensorList& sample_weight = {},
                      const std::map<int, double>& class_weight = {});
  Logs test_on_batch(const TensorList& x, const TensorList& y,
                     const TensorList& sample_weight = {});
  Tensor predict_on_batch(const TensorList& x);
  void reset_metrics();

  bool stop_training() const;
  /// Asks fit() to end after the present epoch's batch (set in a batch hook) or epoch.
  void set_stop_training(bool stop);
  /// Of the optimizer's next step.
  double learning_rate() const;
  /// Throws ValueError where a schedule sets the rate.
  void set_learning_rate(double rate);
  /// The optimizer's updates so far.
  std::int64_t iterations() const;
  /// fit() prints it before its first step unless verbose is 0.
  MemoryPlan memory_plan() const;

  /// Texts of the user's that go with the model into its file and come back with load_model(), such
  /// as what the data's columns and classes are called.
  const std::map<std::string, std::string>& metadata() const;
  /// Throws ValueError for the name "sinew", which holds the model itself.
  void set_metadata(const std::string& name, std::string text);

  /// Writes architecture, compile arguments, weights and the optimizer's state as one file: Keras's
  /// where the path ends in .keras (weights alone: .weights.h5), .safetensors otherwise. The
  /// previous file stays whole until the new one is complete. Throws FileError.
  void save(const std::string& path) const;
  void save_weights(const std::string& path) const;
  /// Reads any of these kinds of file. Throws FileError or ValueError naming the file and the
  /// weight that is missing or has another shape.
  void load_weights(const std::string& path);
  /// The architecture as JSON in the shape of Keras 3's Model.to_json().
  std::string to_json() const;

  /// The training graph for such a batch before and after each compiler pass, then the program and
  /// its memory plan.
  std::string inspect(std::int64_t batch_size = 32) const;

  /// For Sinew's own files and tools.
  const std::shared_ptr<model::State>& state() const { return state_; }

 protected:
  explicit Model(std::shared_ptr<model::State> state) : state_(std::move(state)) {}
  friend Model model_from_json(const std::string& text);
  friend Model model_of(const std::shared_ptr<Layer>& layer);
  friend Model load_model(const std::string& path);

  std::shared_ptr<model::State> state_;
};

/// A stack of layers, each with one input and one output: Keras's Sequential.
class Sequential : public Model {
 public:
  explicit Sequential(std::vector<LayerPtr> layers = {}, std::string name = {});
  /// Appends a layer. The model is built as soon as the input's shape is known: from the first
  /// layer's input_shape, an Input(), or the first batch.
  void add(const LayerPtr& layer);
  /// Starts the model with an Input(); throws ValueError when it has layers already.
  void add(const KerasTensor& input);
  /// Removes the last layer.
  void pop();
  /// Makes the weights for such an input; the batch extent comes first and may be unknown, unless a
  /// layer is stateful.
  void build(const Shape& input_shape);
};

/// The model whose layer() this is, such as another model's get_layer() gives; throws ValueError
/// for any other layer.
Model model_of(const std::shared_ptr<Layer>& layer);

/// A model of the same architecture with weights of its own, newly drawn. Throws ValueError where a
/// layer is a function of the program's (Lambda).
Model clone_model(const Model& model);

/// Builds a model from JSON in the shape of Keras 3's to_json(): Sequential or Functional. Throws
/// ValueError naming the layer and the option that is unknown, with the nearest known one. With a
/// compile_config that names a loss the model is compiled by it.
Model model_from_json(const std::string& text);
/// Reads what Model::save or Keras 3 wrote; nothing in a file is executed. A model that was
/// compiled comes with its optimizer's state. Throws FileError or ValueError naming the file.
Model load_model(const std::string& path);

}  // namespace sinew
