// Sequence to sequence with attention: dates as people write them ("7 March 1987", "Mar 7, 1987",
// "07/03/1987") become 1987-03-07, character by character.
//
//   seq2seq [--epochs N] [--rows N] [--units N]

#include <sinew/sinew.h>

#include <algorithm>
#include <cstdio>
#include <string>

#include "options.h"

using namespace sinew;

namespace {

/// Token 0 is padding in the source and the beginning in the target.
const std::string kCharacters = "_ ,-/0123456789abcdefghijklmnopqrstuvwxyz";
constexpr std::int64_t kSourceSteps = 18, kTargetSteps = 10;
const std::vector<std::string> kMonths = {"january",   "february", "march",    "april",
                                          "may",       "june",     "july",     "august",
                                          "september", "october",  "november", "december"};

std::string two_digits(std::size_t number) {
  return (number < 10 ? "0" : "") + std::to_string(number);
}

struct Date {
  std::string written, normal;
};
Date draw_date(PhiloxStream& random) {
  const std::size_t year = 1900 + random.below(150), month = 1 + random.below(12),
                    day = 1 + random.below(28);
  const std::string y = std::to_string(year), d = std::to_string(day), &name = kMonths[month - 1];
  const std::string forms[] = {
      d + " " + name + " " + y, name + " " + d + ", " + y, name.substr(0, 3) + " " + d + ", " + y,
      d + " " + name.substr(0, 3) + " " + y, two_digits(day) + "/" + two_digits(month) + "/" + y};
  return {forms[random.below(std::size(forms))],
          y + "-" + two_digits(month) + "-" + two_digits(day)};
}

void put(Tensor& tokens, std::int64_t row, std::int64_t from, const std::string& text) {
  const std::int64_t steps = tokens.shape()[1];
  for (std::int64_t i = 0; i + from < steps && i < static_cast<std::int64_t>(text.size()); ++i) {
    tokens.data<std::int64_t>()[static_cast<std::size_t>(row * steps + from + i)] =
        static_cast<std::int64_t>(kCharacters.find(text[static_cast<std::size_t>(i)]));
  }
}

struct Pairs {
  Tensor source, so_far, target;
};
Pairs draw_pairs(std::int64_t rows, std::uint64_t seed) {
  PhiloxStream random(seed, 0);
  Pairs pairs{Tensor({rows, kSourceSteps}, DType::Int64),
              Tensor({rows, kTargetSteps}, DType::Int64),
              Tensor({rows, kTargetSteps}, DType::Int64)};
  for (std::int64_t row = 0; row < rows; ++row) {
    const Date date = draw_date(random);
    put(pairs.source, row, 0, date.written);
    put(pairs.so_far, row, 1, date.normal);
    put(pairs.target, row, 0, date.normal);
  }
  return pairs;
}

/// The most probable character at each step, which the next one builds on.
Tensor translate(Model& model, const Tensor& source) {
  const std::int64_t rows = source.shape()[0];
  const auto kinds = static_cast<std::int64_t>(kCharacters.size());
  Tensor so_far({rows, kTargetSteps}, DType::Int64), result({rows, kTargetSteps}, DType::Int64);
  for (std::int64_t step = 0; step < kTargetSteps; ++step) {
    const Tensor logits = model.predict({source, so_far}, {.batch_size = 256});
    for (std::int64_t row = 0; row < rows; ++row) {
      const auto begin = logits.data<float>().begin() + (row * kTargetSteps + step) * kinds;
      const std::int64_t best = std::max_element(begin, begin + kinds) - begin;
      const auto at = static_cast<std::size_t>(row * kTargetSteps + step);
      result.data<std::int64_t>()[at] = best;
      if (step + 1 < kTargetSteps) so_far.data<std::int64_t>()[at + 1] = best;
    }
  }
  return result;
}

std::string text_of(const Tensor& tokens, std::int64_t row) {
  std::string text;
  for (std::int64_t step = 0; step < tokens.shape()[1]; ++step)
    text += kCharacters[static_cast<std::size_t>(tokens.at(row * tokens.shape()[1] + step))];
  return text;
}

}  // namespace

int main(int count, char** arguments) try {
  const Options options(count, arguments,
                        {{"epochs", 10}, {"rows", 20000}, {"units", 64}, {"test", 1000}});
  set_random_seed(1);
  const auto vocabulary = static_cast<std::int64_t>(kCharacters.size());
  Model model = applications::Seq2Seq({.source_vocabulary = vocabulary,
                                       .target_vocabulary = vocabulary,
                                       .source_steps = kSourceSteps,
                                       .target_steps = kTargetSteps,
                                       .embedding = 32,
                                       .units = options.integer("units"),
                                       .dropout = 0.1});
  model.compile({.optimizer = optimizers::Adam({.learning_rate = 0.003}),
                 .loss = "SparseCategoricalCrossentropy(from_logits=true)",
                 .metrics = {"accuracy"}});
  const Pairs pairs = draw_pairs(options.integer("rows"), 1);
  model.fit({pairs.source, pairs.so_far}, pairs.target,
            {.epochs = static_cast<int>(options.integer("epochs")), .batch_size = 64});

  const Pairs unseen = draw_pairs(options.integer("test"), 2);
  const Tensor translated = translate(model, unseen.source);
  std::int64_t exact = 0;
  for (std::int64_t row = 0; row < options.integer("test"); ++row) {
    const std::string made = text_of(translated, row);
    exact += made == text_of(unseen.target, row);
    if (row < 5) std::printf("%s -> %s\n", text_of(unseen.source, row).c_str(), made.c_str());
  }
  std::printf("exact: %.4f of %lld dates\n", static_cast<double>(exact) / options.number("test"),
              static_cast<long long>(options.integer("test")));
} catch (const Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 2;
}
