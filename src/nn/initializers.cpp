#include "sinew/nn/initializers.h"

#include <fmt/format.h>

#include <cmath>
#include <map>

#include "nn/config.h"
#include "nn/orthogonal.h"
#include "sinew/base/error.h"
#include "sinew/base/suggest.h"

namespace sinew {
namespace initializers {
namespace {

/// A tensor of `dtype` whose elements, in order, are next(): numbers are drawn as doubles and
/// rounded once.
template <typename Next>
Tensor fill(const Shape& shape, DType dtype, const Next& next) {
  if (!is_floating(dtype)) {
    throw DTypeError(fmt::format("an initializer fills floating weights, not {}", name_of(dtype)));
  }
  Tensor result(shape, dtype);
  dispatch(dtype, [&](auto type) {
    using T = decltype(type);
    for (T& element : result.data<T>()) element = static_cast<T>(next());
  });
  return result;
}

double truncated_normal(PhiloxStream& random) {
  for (;;) {
    const double drawn = random.normal();
    if (std::abs(drawn) <= 2.0) return drawn;
  }
}

struct ConstantFill {
  double value = 0.0;
  static void fields(auto& self, auto& visit) { visit("value", self.value); }
  Tensor operator()(const Shape& shape, DType dtype, PhiloxStream&) const {
    return fill(shape, dtype, [&] { return value; });
  }
};

template <int value>
struct Always {
  static void fields(auto&, auto&) {}
  Tensor operator()(const Shape& shape, DType dtype, PhiloxStream&) const {
    return fill(shape, dtype, [] { return double{value}; });
  }
};

struct IdentityFill {
  double gain = 1.0;
  static void fields(auto& self, auto& visit) { visit("gain", self.gain); }
  Tensor operator()(const Shape& shape, DType dtype, PhiloxStream&) const {
    if (shape.rank() != 2) {
      throw ShapeError(
          fmt::format("initializer Identity makes matrices; the weight has shape {}", shape.str()));
    }
    std::int64_t at = 0;
    return fill(shape, dtype, [&] {
      const bool diagonal = at / shape[1] == at % shape[1];
      ++at;
      return diagonal ? gain : 0.0;
    });
  }
};

struct UniformFill : UniformOptions {
  static void fields(auto& self, auto& visit) {
    visit("minval", self.minval);
    visit("maxval", self.maxval);
    visit("seed", self.seed);
  }
  Tensor operator()(const Shape& shape, DType dtype, PhiloxStream& random) const {
    return fill(shape, dtype, [&] { return minval + (maxval - minval) * random.uniform(); });
  }
};

template <bool truncated>
struct NormalFill : NormalOptions {
  static void fields(auto& self, auto& visit) {
    visit("mean", self.mean);
    visit("stddev", self.stddev);
    visit("seed", self.seed);
  }
  Tensor operator()(const Shape& shape, DType dtype, PhiloxStream& random) const {
    return fill(shape, dtype, [&] {
      return mean + stddev * (truncated ? truncated_normal(random) : random.normal());
    });
  }
};

Tensor scaled(const VarianceScalingOptions& options, const Shape& shape, DType dtype,
              PhiloxStream& random) {
  const Fans fans = compute_fans(shape);
  const double fan = options.mode == "fan_in"    ? fans.in
                     : options.mode == "fan_out" ? fans.out
                                                 : (fans.in + fans.out) / 2.0;
  const double variance = options.scale / std::max(1.0, fan);
  if (options.distribution == "uniform") {
    const double limit = std::sqrt(3.0 * variance);
    return fill(shape, dtype, [&] { return limit * (2.0 * random.uniform() - 1.0); });
  }
  if (options.distribution == "truncated_normal") {
    // A standard normal that is cut at two standard deviations has this standard deviation.
    constexpr double kTruncatedDeviation = 0.87962566103423978;
    const double stddev = std::sqrt(variance) / kTruncatedDeviation;
    return fill(shape, dtype, [&] { return stddev * truncated_normal(random); });
  }
  return fill(shape, dtype, [&] { return std::sqrt(variance) * random.normal(); });
}

struct VarianceScalingFill : VarianceScalingOptions {
  static void fields(auto& self, auto& visit) {
    visit("scale", self.scale);
    visit("mode", self.mode);
    visit("distribution", self.distribution);
    visit("seed", self.seed);
  }
  void check() {
    if (distribution == "normal") distribution = "truncated_normal";
    const auto one_of = [](const char* what, const std::string& given,
                           std::vector<std::string> known) {
      if (std::find(known.begin(), known.end(), given) == known.end()) {
        throw ValueError("initializer VarianceScaling: " +
                         unknown_name_message(what, given, known));
      }
    };
    one_of("mode", mode, {"fan_in", "fan_out", "fan_avg"});
    one_of("distribution", distribution, {"truncated_normal", "untruncated_normal", "uniform"});
    if (!(scale > 0.0)) {
      throw ValueError(
          fmt::format("initializer VarianceScaling: scale is {}; it must be positive", scale));
    }
  }
  Tensor operator()(const Shape& shape, DType dtype, PhiloxStream& random) const {
    return scaled(*this, shape, dtype, random);
  }
};

enum class Fan { In, Average };
enum class Distribution { Uniform, Normal };

/// The six named cases of variance scaling; `scale` is 1 or 2.
template <int scale, Fan fan, Distribution distribution>
struct NamedScaling {
  std::optional<std::int64_t> seed = {};
  static void fields(auto& self, auto& visit) { visit("seed", self.seed); }
  Tensor operator()(const Shape& shape, DType dtype, PhiloxStream& random) const {
    return scaled(
        {.scale = scale,
         .mode = fan == Fan::In ? "fan_in" : "fan_avg",
         .distribution = distribution == Distribution::Uniform ? "uniform" : "truncated_normal"},
        shape, dtype, random);
  }
};

struct OrthogonalFill : OrthogonalOptions {
  static void fields(auto& self, auto& visit) {
    visit("gain", self.gain);
    visit("seed", self.seed);
  }
  Tensor operator()(const Shape& shape, DType dtype, PhiloxStream& random) const {
    if (shape.rank() < 2) {
      throw ShapeError(fmt::format(
          "initializer Orthogonal needs a weight of at least two axes; this one has shape {}",
          shape.str()));
    }
    const std::int64_t columns = shape[-1];
    const std::int64_t rows = shape.numel() / std::max<std::int64_t>(columns, 1);
    const std::vector<double> q = random_orthogonal(rows, columns, random);
    std::size_t at = 0;
    return fill(shape, dtype, [&] { return gain * q[at++]; });
  }
};

}  // namespace

Fans compute_fans(const Shape& shape) {
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
      {"orthogonal", {"Orthogonal", make<OrthogonalFill>}},
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
  return with_seed("VarianceScaling",
                   {{"scale", o.scale}, {"mode", o.mode}, {"distribution", o.distribution}},
                   o.seed);
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
Initializer Orthogonal(OrthogonalOptions o) {
  return with_seed("Orthogonal", {{"gain", o.gain}}, o.seed);
}

}  // namespace initializers

Initializer::Initializer(Identifier identifier) {
  const auto entry = initializers::entries().find(identifier.key());
  if (entry == initializers::entries().end()) {
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

std::vector<std::string> initializer_names() {
  return {"constant",         "glorot_normal", "glorot_uniform", "he_normal",        "he_uniform",
          "identity",         "lecun_normal",  "lecun_uniform",  "normal",           "ones",
          "orthogonal",       "random_normal", "random_uniform", "truncated_normal", "uniform",
          "variance_scaling", "zeros"};
}

}  // namespace sinew
