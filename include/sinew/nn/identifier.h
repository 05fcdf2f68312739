#pragma once

#include <string>
#include <string_view>

#include "sinew/graph/attributes.h"

namespace sinew {

/// The text by which options name an initializer, regularizer, activation, loss, metric or
/// optimizer, with arguments where they differ from the defaults: `glorot_uniform`,
/// `TruncatedNormal(mean=0.0, stddev=0.05)`, `l2(l2=0.001)`. Grammar: name [ "(" [ key "=" value {
/// "," key "=" value } ] ")" ]; a value is an integer, a number with a point or an exponent
/// (double), true, false, a "quoted string", None (as if the key were absent), or a list of
/// numbers, texts or lists of integers in brackets. Keras's {"class_name": name, "config": {key:
/// value}} says the same and converts both ways.
struct Identifier {
  std::string name;
  Attributes arguments = {};

  /// Throws ValueError naming `what` ("initializer", …), the text and the place where it goes
  /// wrong.
  static Identifier parse(std::string_view text, std::string_view what);
  /// The text that parse() reads back, with the same values; doubles keep all their bits.
  std::string str() const;
  /// The name in lower case without underscores: "GlorotUniform", "glorot_uniform" and
  /// "Glorot_Uniform" agree.
  std::string key() const;

  bool operator==(const Identifier&) const = default;
};

}  // namespace sinew
