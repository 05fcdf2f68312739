// A language model of characters: a small GPT reads a text, such as tiny Shakespeare
// (https://github.com/karpathy/char-rnn/tree/master/data/tinyshakespeare), and writes some of its
// own.
//
//   char_gpt TEXT [--minutes M] [--steps N] [--context T] [--width W] [--blocks B] [--batch N]

#include <sinew/io/file.h>
#include <sinew/sinew.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <numbers>

#include "options.h"

using namespace sinew;

namespace {

constexpr double kLearningRate = 1.5e-3;

/// A text as numbers of its characters, which are all bytes that occur in it.
struct Text {
  std::vector<std::int64_t> tokens;
  std::string characters;
};

Text read_text(const std::string& path) {
  const std::vector<std::uint8_t> bytes = io::read_file(path);
  Text text;
  text.characters.assign(bytes.begin(), bytes.end());
  std::sort(text.characters.begin(), text.characters.end());
  text.characters.erase(std::unique(text.characters.begin(), text.characters.end()),
                        text.characters.end());
  for (const std::uint8_t byte : bytes)
    text.tokens.push_back(static_cast<std::int64_t>(text.characters.find(static_cast<char>(byte))));
  return text;
}

/// Windows of a text, and each token's successor.
struct Windows {
  Tensor x, y;
};
Windows windows(const std::vector<std::int64_t>& tokens, const std::vector<std::size_t>& begins,
                std::int64_t context) {
  const Shape shape = {static_cast<std::int64_t>(begins.size()), context};
  Windows result{Tensor(shape, DType::Int64), Tensor(shape, DType::Int64)};
  for (std::size_t row = 0; row < begins.size(); ++row) {
    const auto from = tokens.begin() + static_cast<std::ptrdiff_t>(begins[row]);
    const auto to = static_cast<std::ptrdiff_t>(row) * context;
    std::copy_n(from, context, result.x.data<std::int64_t>().begin() + to);
    std::copy_n(from + 1, context, result.y.data<std::int64_t>().begin() + to);
  }
  return result;
}

/// Rises in the first fiftieth of the training, then falls by half a cosine to a tenth, as
/// `progress` goes from 0 to 1.
double learning_rate(double progress) {
  const double cosine = 0.5 * (1 + std::cos(std::numbers::pi * std::min(progress, 1.0)));
  return kLearningRate * std::min(1.0, 0.01 + 50 * progress) * (0.1 + 0.9 * cosine);
}

/// `count` characters, one after the other, drawn from the model's probabilities.
std::string sample(Model& model, const Text& text, std::int64_t context, int count,
                   double temperature) {
  PhiloxStream random(7, 0);
  const auto kinds = static_cast<std::int64_t>(text.characters.size());
  const std::size_t newline = text.characters.find('\n');
  std::vector<std::int64_t> tokens = {
      static_cast<std::int64_t>(newline == std::string::npos ? 0 : newline)};
  std::string written;
  while (static_cast<int>(written.size()) < count) {
    // What comes after a step does not change its logits.
    const auto steps = std::min<std::int64_t>(context, static_cast<std::int64_t>(tokens.size()));
    Tensor x({1, context}, DType::Int64);
    std::copy_n(tokens.end() - steps, steps, x.data<std::int64_t>().begin());
    const Tensor logits = model.predict_on_batch(x);
    std::vector<double> weights;
    double largest = -1e30, sum = 0;
    for (std::int64_t kind = 0; kind < kinds; ++kind)
      largest = std::max(largest, logits.at((steps - 1) * kinds + kind));
    for (std::int64_t kind = 0; kind < kinds; ++kind) {
      weights.push_back(std::exp((logits.at((steps - 1) * kinds + kind) - largest) / temperature));
      sum += weights.back();
    }
    double left = random.uniform() * sum;
    std::size_t drawn = 0;
    while (drawn + 1 < weights.size() && (left -= weights[drawn]) > 0) ++drawn;
    tokens.push_back(static_cast<std::int64_t>(drawn));
    written += text.characters[drawn];
  }
  return written;
}

void train(const Options& options) {
  const std::int64_t context = options.integer("context"), steps = options.integer("steps");
  const Text text = read_text(options.words().at(0));
  const auto cut = text.tokens.begin() + static_cast<std::ptrdiff_t>(text.tokens.size() * 9 / 10);
  const std::vector<std::int64_t> training(text.tokens.begin(), cut);
  const std::vector<std::int64_t> validation(cut, text.tokens.end());
  if (static_cast<std::int64_t>(validation.size()) <= context)
    throw ValueError("the last tenth of the text is shorter than the context");
  std::vector<std::size_t> begins;
  for (std::size_t at = 0; at + static_cast<std::size_t>(context) < validation.size();
       at += static_cast<std::size_t>(context))
    begins.push_back(at);
  const Windows unseen = windows(validation, begins, context);

  set_random_seed(1);
  Model model = applications::Gpt({.vocabulary = static_cast<std::int64_t>(text.characters.size()),
                                   .context = context,
                                   .blocks = options.integer("blocks"),
                                   .heads = options.integer("heads"),
                                   .width = options.integer("width"),
                                   .dropout = options.number("dropout"),
                                   .attention_dropout = 0.0,
                                   .name = "char_gpt"});
  model.compile({.optimizer = optimizers::AdamW({.learning_rate = kLearningRate,
                                                 .beta_2 = 0.99,
                                                 .weight_decay = 0.1,
                                                 .global_clipnorm = 1.0}),
                 .loss = "SparseCategoricalCrossentropy(from_logits=true)"});
  std::printf("%lld parameters, %zu characters to learn from, %zu to judge by\n",
              static_cast<long long>(model.count_params()), training.size(), validation.size());
  std::fflush(stdout);

  PhiloxStream random(1, 0);
  const auto begin = std::chrono::steady_clock::now();
  double progress = 0;
  for (std::int64_t step = 0; progress < 1; ++step) {
    std::vector<std::size_t> rows;
    for (std::int64_t row = 0; row < options.integer("batch"); ++row)
      rows.push_back(random.below(training.size() - static_cast<std::size_t>(context)));
    const Windows batch = windows(training, rows, context);
    model.set_learning_rate(learning_rate(progress));
    const double loss = model.train_on_batch(batch.x, batch.y)["loss"];
    const double minutes =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() / 60;
    progress = std::max(static_cast<double>(step + 1) / static_cast<double>(steps),
                        minutes / options.number("minutes"));
    if ((step + 1) % options.integer("report") != 0 && progress < 1) continue;
    const double judged = model.evaluate(unseen.x, unseen.y, {.verbose = 0})["loss"];
    std::printf("step %lld, %.1f minutes: loss %.4f, validation loss %.4f\n",
                static_cast<long long>(step + 1), minutes, loss, judged);
    std::fflush(stdout);
    model.reset_metrics();
  }
  std::printf(
      "%s\n",
      sample(model, text, context, static_cast<int>(options.integer("sample")), 0.8).c_str());
}

}  // namespace

int main(int count, char** arguments) try {
  const Options options(count, arguments,
                        {{"minutes", 30},
                         {"steps", 5000},
                         {"context", 128},
                         {"width", 192},
                         {"heads", 6},
                         {"blocks", 4},
                         {"batch", 32},
                         {"dropout", 0.0},
                         {"report", 250},
                         {"sample", 500}});
  if (options.words().size() != 1) {
    std::fprintf(stderr, "usage: char_gpt TEXT [--minutes NUMBER] [--steps NUMBER] …\n");
    return 2;
  }
  train(options);
} catch (const Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 2;
}
