#include "sinew/nn/initializers.h"

#include <map>

#include "nn/config.h"
#include "nn/custom_objects.h"
#include "nn/initializer_fills.h"
#include "sinew/base/error.h"
#include "sinew/base/suggest.h"

namespace sinew {
namespace initializers {

Fans compute_fans(const Shape& shape, const std::vector<std::int64_t>& input_axes,
                  const std::vector<std::int64_t>& output_axes) {
  if (!input_axes.empty() && !output_axes.empty()) {
    const auto product = [&](const std::vector<std::int64_t>& axes) {
      double extent = 1.0;
      for (const std::int64_t axis : axes) {
        const int at = normalize_axis(static_cast<int>(axis), shape.rank(), "initializer");
        extent *= static_cast<double>(shape[at]);
      }
      return extent;
    };
    return {product(input_axes), product(output_axes)};
  }
  if (shape.rank() == 0) return {1.0, 1.0};
  if (shape.rank() == 1) return {static_cast<double>(shape[0]), static_cast<double>(shape[0])};
  double receptive_field = 1.0;
  for (int axis = 0; axis < shape.rank() - 2; ++axis)
    receptive_field *= static_cast<double>(shape[axis]);
  return {receptive_field * static_cast<double>(shape[-2]),
          receptive_field * static_cast<double>(shape[-1])};
}

namespace {

struct Made {
  Initializer::Function function;
  Attributes arguments;
  std::optional<std::int64_t> seed = {};
};

struct Entry {
  /// Keras's class name; the table's key is Identifier::key() of it or of an alias.
  const char* class_name;
  Made (*make)(ConfigReader&);
};

template <typename Fill>
Made make(ConfigReader& reader) {
  Fill filling;
  Fill::fields(filling, reader);
  reader.finish();
  if constexpr (requires { filling.check(); }) filling.check();
  ConfigWriter writer;
  Fill::fields(filling, writer);
  Made made{.function = filling, .arguments = writer.take()};
  if constexpr (requires { filling.seed; }) made.seed = filling.seed;
  return made;
}

const std::map<std::string, Entry>& entries() {
  constexpr auto kUniform = Distribution::Uniform;
  constexpr auto kNormal = Distribution::Normal;
  static const std::map<std::string, Entry> table = {
      {"zeros", {"Zeros", make<Always<0>>}},
      {"ones", {"Ones", make<Always<1>>}},
      {"constant", {"Constant", make<ConstantFill>}},
      {"identity", {"Identity", make<IdentityFill>}},
      {"identityinitializer", {"Identity", make<IdentityFill>}},
      {"randomuniform", {"RandomUniform", make<UniformFill>}},
      {"uniform", {"RandomUniform", make<UniformFill>}},
      {"randomnormal", {"RandomNormal", make<NormalFill<false>>}},
      {"normal", {"RandomNormal", make<NormalFill<false>>}},
      {"truncatednormal", {"TruncatedNormal", make<NormalFill<true>>}},
      {"variancescaling", {"VarianceScaling", make<VarianceScalingFill>}},
      {"glorotuniform", {"GlorotUniform", make<NamedScaling<1, Fan::Average, kUniform>>}},
      {"glorotnormal", {"GlorotNormal", make<NamedScaling<1, Fan::Average, kNormal>>}},
      {"heuniform", {"HeUniform", make<NamedScaling<2, Fan::In, kUniform>>}},
      {"henormal", {"HeNormal", make<NamedScaling<2, Fan::In, kNormal>>}},
      {"lecununiform", {"LecunUniform", make<NamedScaling<1, Fan::In, kUniform>>}},
      {"lecunnormal", {"LecunNormal", make<NamedScaling<1, Fan::In, kNormal>>}},
      {"one", {"Ones", make<Always<1>>}},
      {"zero", {"Zeros", make<Always<0>>}},
      {"stft", {"STFT", make<STFTFill>}},
      {"stftinitializer", {"STFT", make<STFTFill>}},
      {"orthogonal", {"Orthogonal", make<OrthogonalFill>}},
      {"orthogonalinitializer", {"Orthogonal", make<OrthogonalFill>}},
  };
  return table;
}

Initializer with_seed(const char* name, Attributes arguments, std::optional<std::int64_t> seed) {
  if (seed) arguments.set("seed", *seed);
  return Identifier{name, std::move(arguments)};
}

}  // namespace

Initializer Zeros() { return "Zeros"; }
Initializer Ones() { return "Ones"; }
Initializer Constant(double value) { return Identifier{"Constant", {{"value", value}}}; }
Initializer Identity(double gain) { return Identifier{"Identity", {{"gain", gain}}}; }
Initializer RandomUniform(UniformOptions o) {
  return with_seed("RandomUniform", {{"minval", o.minval}, {"maxval", o.maxval}}, o.seed);
}
Initializer RandomNormal(NormalOptions o) {
  return with_seed("RandomNormal", {{"mean", o.mean}, {"stddev", o.stddev}}, o.seed);
}
Initializer TruncatedNormal(NormalOptions o) {
  return with_seed("TruncatedNormal", {{"mean", o.mean}, {"stddev", o.stddev}}, o.seed);
}
Initializer VarianceScaling(VarianceScalingOptions o) {
  Attributes arguments = {{"scale", o.scale}, {"mode", o.mode}, {"distribution", o.distribution}};
  if (!o.input_axes.empty()) arguments.set("input_axes", o.input_axes);
  if (!o.output_axes.empty()) arguments.set("output_axes", o.output_axes);
  return with_seed("VarianceScaling", std::move(arguments), o.seed);
}
Initializer GlorotUniform(std::optional<std::int64_t> seed) {
  return with_seed("GlorotUniform", {}, seed);
}
Initializer GlorotNormal(std::optional<std::int64_t> seed) {
  return with_seed("GlorotNormal", {}, seed);
}
Initializer HeUniform(std::optional<std::int64_t> seed) { return with_seed("HeUniform", {}, seed); }
Initializer HeNormal(std::optional<std::int64_t> seed) { return with_seed("HeNormal", {}, seed); }
Initializer LecunUniform(std::optional<std::int64_t> seed) {
  return with_seed("LecunUniform", {}, seed);
}
Initializer LecunNormal(std::optional<std::int64_t> seed) {
  return with_seed("LecunNormal", {}, seed);
}
Initializer STFT(STFTOptions o) {
  return Identifier{
      "STFT",
      {{"side", o.side}, {"window", o.window}, {"scaling", o.scaling}, {"periodic", o.periodic}}};
}
Initializer Orthogonal(OrthogonalOptions o) {
  return with_seed("Orthogonal", {{"gain", o.gain}}, o.seed);
}

}  // namespace initializers

Initializer::Initializer(Identifier identifier) {
  const auto entry = initializers::entries().find(identifier.key());
  if (entry == initializers::entries().end()) {
    if (std::optional<Function> custom = custom_initializers().find(identifier.name)) {
      function_ = std::move(*custom);
      identifier_ = std::move(identifier);
      return;
    }
    throw ValueError(unknown_name_message("initializer", identifier.name, initializer_names()));
  }
  const auto& [class_name, make] = entry->second;
  ConfigReader reader(std::string("initializer ") + class_name, identifier.arguments);
  initializers::Made made = make(reader);
  function_ = std::move(made.function);
  identifier_ = {class_name, std::move(made.arguments)};
  if (made.seed) seed_ = static_cast<std::uint64_t>(*made.seed);
}

Tensor Initializer::operator()(const Shape& shape, DType dtype, std::uint64_t seed,
                               std::uint64_t stream) const {
  PhiloxStream random(seed_.value_or(seed), seed_ ? 0 : stream);
  return function_(shape, dtype, random);
}

std::string Initializer::identifier() const {
  if (identifier_.name.empty()) {
    throw ValueError(
        "an initializer that is a function has no name and cannot be saved; use a named one");
  }
  return identifier_.str();
}

bool Initializer::scales_by_fans() const {
  const std::string& name = identifier_.name;
  return name == "VarianceScaling" || name.starts_with("Glorot") || name.starts_with("He") ||
         name.starts_with("Lecun");
}

std::vector<Signature> initializer_signatures() {
  std::map<std::string, Signature> by_class;
  for (const auto& [key, entry] : initializers::entries()) {
    Signature& signature = by_class[entry.class_name];
    signature.class_name = entry.class_name;
    if (key != Identifier{entry.class_name}.key()) signature.aliases.push_back(key);
    signature.arguments =
        arguments_of([&make = entry.make](ConfigReader& lister) { make(lister); });
  }
  std::vector<Signature> signatures;
  for (auto& [class_name, signature] : by_class) signatures.push_back(std::move(signature));
  return signatures;
}

std::vector<std::string> initializer_names() {
  return {"constant",       "glorot_normal",
          "glorot_uniform", "he_normal",
          "he_uniform",     "identity",
          "lecun_normal",   "lecun_uniform",
          "normal",         "one",
          "ones",           "orthogonal",
          "random_normal",  "random_uniform",
          "stft",           "truncated_normal",
          "uniform",        "variance_scaling",
          "zero",           "zeros"};
}

}  // namespace sinew
