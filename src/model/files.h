#pragma once

#include <functional>
#include <memory>
#include <string>

#include "model/position.h"

/// Models, weights and checkpoints in files: Keras's own (keras_file.h) where a path ends in .keras
/// or .weights.h5, otherwise .safetensors. There the metadata entry "sinew" is JSON: the
/// architecture in Keras's shape, the compile arguments and, in a checkpoint, the position of the
/// training; other entries are the user's (Model::metadata()). Tensors are named `conv2d_1/kernel`
/// (see NamedWeight::key), `optimizer/3`, `training/metrics/0`.
namespace sinew::model {

struct State;

constexpr const char* kModelEntry = "sinew";

/// Throws ValueError when no file can hold the model: a layer, loss or metric is a function.
void check_savable(const State& state);
/// Throws ValueError where a path's ending stands for a format that holds no model.
void check_model_path(const std::string& path);
/// The same for checkpoints.
void check_checkpoint_path(const std::string& path);
void write_model(const State& state, const std::string& path);
std::shared_ptr<State> read_model(const std::string& path);
void write_weights(const State& state, const std::string& path);
/// Weights of other layers in the file are ignored; every weight of the model must be there.
void read_weights(State& state, const std::string& path);

/// Writes everything an exact resume needs: what write_model writes, the metric accumulators, the
/// step counter and the position.
void write_checkpoint(const State& state, const Position& position, const std::string& path);
/// Takes a checkpoint's weights, slots, accumulators and counters into the model and returns its
/// position. Throws FileError when the file is malformed or no checkpoint, ValueError when it
/// belongs to another model, and what `check` throws of its position; then the model is as it was.
Position read_checkpoint(State& state, const std::string& path,
                         const std::function<void(const Position&)>& check);

}  // namespace sinew::model
