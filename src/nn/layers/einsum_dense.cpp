#include <fmt/format.h>

#include <algorithm>

#include "nn/layers/layer_support.h"
#include "sinew/ops/ops.h"

namespace sinew::layers {
namespace {

/// The letters of "input,kernel->output", with what "..." stands for taken out.
struct Equation {
  std::string input;
  std::string kernel;
  std::string output;
  bool dots_left = false;
  bool dots_right = false;
};

class EinsumDenseLayer final : public ConfiguredLayer<EinsumDenseLayer> {
 public:
  std::string equation;
  Shape output_shape;
  EinsumDenseOptions options;

  std::string class_name() const override { return "EinsumDense"; }

  static void fields(auto& self, auto& visit) {
    visit.required("equation", self.equation);
    visit.required("output_shape", self.output_shape);
    visit("activation", self.options.activation);
    visit("bias_axes", self.options.bias_axes);
    kernel_and_bias_fields(self, visit);
  }

  void check_arguments() override {
    parsed_ = parse();
    for (char letter : bias_axes()) {
      if (parsed_.output.find(letter) == std::string::npos) {
        throw ValueError(fmt::format("{}: bias axis '{}' is no axis of the output of \"{}\"",
                                     where(), letter, equation));
      }
    }
  }

  void check_inputs(const std::vector<TensorType>& inputs) const override {
    expect_inputs(1, inputs);
    expect_dtype(inputs[0]);
    const int rank = inputs[0].shape.rank();
    const int named = static_cast<int>(parsed_.input.size());
    const bool dots = parsed_.dots_left || parsed_.dots_right;
    if (dots ? rank < std::max(named, parsed_.dots_left ? named + 1 : 0) : rank != named) {
      throw ShapeError(fmt::format("{}: \"{}\" does not name the axes of an input of shape {}",
                                   where(), equation, inputs[0].shape.str()));
    }
    if (kernel_) {
      for (std::size_t i = 0; i < parsed_.kernel.size(); ++i) {
        const std::size_t at = parsed_.input.find(parsed_.kernel[i]);
        if (at == std::string::npos) continue;
        expect_extent(inputs[0], input_axis(at, rank), kernel_->shape().dims()[i], "features");
      }
    }
  }

  void build(const std::vector<Shape>& input_shapes) override {
    const Shape& x = input_shapes[0];
    std::vector<std::int64_t> kernel;
    std::int64_t fan_in = 1, fan_out = 1;
    for (char letter : parsed_.kernel) {
      const std::size_t in = parsed_.input.find(letter), out = parsed_.output.find(letter);
      if (out != std::string::npos) {
        kernel.push_back(output_extent(out, x));
        fan_out *= kernel.back();
      } else {
        kernel.push_back(known_extent(x, input_axis(in, x.rank()), "features"));
        fan_in *= kernel.back();
      }
    }
    kernel_ = add_weight("kernel", Shape(kernel),
                         {with_fans(options.kernel_initializer, fan_in, fan_out),
                          options.kernel_regularizer, options.kernel_constraint});
    if (bias_axes().empty()) return;
    std::size_t first = parsed_.output.size();
    for (char letter : bias_axes()) first = std::min(first, parsed_.output.find(letter));
    std::vector<std::int64_t> bias;
    for (std::size_t i = first; i < parsed_.output.size(); ++i) {
      const bool along = bias_axes().find(parsed_.output[i]) != std::string::npos;
      bias.push_back(along ? output_extent(i, x) : 1);
    }
    if (parsed_.dots_right) bias.resize(bias.size() + elided(x), 1);
    bias_ =
        add_weight("bias", Shape(bias),
                   {options.bias_initializer, options.bias_regularizer, options.bias_constraint});
  }

  std::vector<Value> call(CallContext& context, const std::vector<Value>& inputs) override {
    Value y = ops::einsum(equation, inputs[0], weight(context, kernel_));
    if (bias_) y = y + weight(context, bias_);
    y = options.activation(y);
    add_activity_loss(context, options.activity_regularizer, y);
    return {y};
  }

 private:
  [[noreturn]] void fail() const {
    throw ValueError(fmt::format(
        "{}: the equation \"{}\" must be of the form \"ab,bc->ac\", \"...a,ab->...b\" or "
        "\"ab...,bc->ac...\", and each letter of the kernel one of the input or the output",
        where(), equation));
  }

  Equation parse() const {
    const std::size_t comma = equation.find(','), arrow = equation.find("->");
    if (comma == std::string::npos || arrow == std::string::npos || arrow < comma) fail();
    Equation parts{.input = equation.substr(0, comma),
                   .kernel = equation.substr(comma + 1, arrow - comma - 1),
                   .output = equation.substr(arrow + 2)};
    parts.dots_left = parts.input.starts_with("...");
    parts.dots_right = parts.input.ends_with("...") && !parts.dots_left;
    for (std::string* term : {&parts.input, &parts.output}) {
      if (parts.dots_left != term->starts_with("...")) fail();
      if (parts.dots_left) *term = term->substr(3);
      if (parts.dots_right && !term->ends_with("...")) fail();
      if (parts.dots_right) term->resize(term->size() - 3);
    }
    const auto letters = [](const std::string& term) {
      return !term.empty() && std::all_of(term.begin(), term.end(), [](unsigned char letter) {
        return std::isalpha(letter) != 0;
      });
    };
    if (!letters(parts.input) || !letters(parts.kernel) || !letters(parts.output)) fail();
    for (char letter : parts.kernel) {
      if (parts.input.find(letter) == std::string::npos &&
          parts.output.find(letter) == std::string::npos)
        fail();
    }
    // The batch is not in output_shape, nor what "..." stands for.
    const std::size_t given = parts.output.size() - (parts.dots_left ? 0 : 1);
    if (static_cast<std::size_t>(output_shape.rank()) != given) {
      throw ValueError(fmt::format("{}: output_shape {} must have {} extents for \"{}\"", where(),
                                   output_shape.str(), given, equation));
    }
    return parts;
  }

  std::string bias_axes() const { return options.bias_axes.value_or(""); }

  std::size_t elided(const Shape& x) const {
    return static_cast<std::size_t>(x.rank()) - parsed_.input.size();
  }
  int input_axis(std::size_t letter, int rank) const {
    const int at = static_cast<int>(letter);
    return parsed_.dots_left ? at + rank - static_cast<int>(parsed_.input.size()) : at;
  }
  std::int64_t output_extent(std::size_t at, const Shape& x) const {
    const bool batch = at == 0 && !parsed_.dots_left;
    const std::int64_t given =
        batch ? Shape::kUnknown : output_shape.dims()[parsed_.dots_left ? at : at - 1];
    if (given != Shape::kUnknown) return given;
    const std::size_t in = parsed_.input.find(parsed_.output[at]);
    if (in == std::string::npos) {
      throw ShapeError(
          fmt::format("{}: the extent of '{}' must be known to make the kernel, but "
                      "output_shape is {}",
                      where(), parsed_.output[at], output_shape.str()));
    }
    return known_extent(x, input_axis(in, x.rank()), "features");
  }

  Equation parsed_;
  VariablePtr kernel_;
  VariablePtr bias_;
};

const RegisterConfigured<EinsumDenseLayer> registered("EinsumDense");

}  // namespace

LayerPtr EinsumDense(std::string equation, Shape output_shape, EinsumDenseOptions options) {
  const auto layer = std::make_shared<EinsumDenseLayer>();
  layer->equation = std::move(equation);
  layer->output_shape = std::move(output_shape);
  layer->options = options;
  return finish(layer, options);
}

}  // namespace sinew::layers
