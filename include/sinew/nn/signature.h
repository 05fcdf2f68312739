#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sinew/graph/attributes.h"

namespace sinew {

/// What an argument's value is, whatever type of C++ holds it.
enum class ArgumentKind {
  Flag,
  Integer,
  Number,
  Text,
  Integers,
  Numbers,
  Texts,
  /// One number for all axes, or one an axis.
  Size,
  /// One number, one an axis, or a pair (before, after) an axis.
  Border,
  /// Extents, -1 for unknown ones.
  Extents,
  Type,
  Activation,
  Initializer,
  Regularizer,
  Constraint,
  /// A number or a learning rate schedule.
  LearningRate,
  Layer,
  Layers,
  Other,
};

/// An argument of a constructor, as configs name it.
struct Argument {
  std::string name;
  ArgumentKind kind = ArgumentKind::Other;
  bool required = false;
  /// May be None where the default is something else.
  bool optional = false;
  /// The default; absent means None.
  std::optional<AttributeValue> value = {};
};

/// A class that can be made from its name and a config, with its own arguments in Keras's order;
/// those that all classes of its kind have (name, dtype, …) are left out.
struct Signature {
  std::string class_name;
  /// Keras's name of the same as a function, such as "mean_squared_error"; may be empty.
  std::string function_name = {};
  std::vector<std::string> aliases = {};
  std::vector<Argument> arguments = {};
};

/// What makers, bindings and documents of other languages are written from. Sorted by class name.
/// Those of layers make one of each, which counts as any other does where weights are drawn.
std::vector<Signature> layer_signatures();
/// Adds a layer's to them: `const RegisterSignature mine("Mine", [] { … });`
class RegisterSignature {
 public:
  RegisterSignature(const std::string& class_name,
                    std::function<std::vector<Argument>()> arguments);
};
std::vector<Signature> loss_signatures();
std::vector<Signature> metric_signatures();
std::vector<Signature> optimizer_signatures();
std::vector<Signature> schedule_signatures();
std::vector<Signature> initializer_signatures();
std::vector<Signature> regularizer_signatures();
std::vector<Signature> constraint_signatures();
/// Their function names only: an activation is a function.
std::vector<Signature> activation_signatures();

}  // namespace sinew
