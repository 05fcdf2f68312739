#include "applications/options.h"
#include "sinew/applications/language.h"

namespace sinew::applications {

using namespace layers;

Model LSTMLanguageModel(LSTMLanguageModelOptions options) {
  const char* const kName = "LSTMLanguageModel";
  expect_at_least(kName, "vocabulary", options.vocabulary);
  expect_at_least(kName, "units", options.units);
  expect_at_least(kName, "layers", options.layers);
  expect_rate(kName, "dropout", options.dropout);
  const KerasTensor tokens = Input({options.steps}, {.dtype = DType::Int64});
  KerasTensor x = Embedding(options.vocabulary, options.units, {.name = "embedding"})(tokens);
  for (std::int64_t i = 1; i <= options.layers; ++i) {
    const std::string number = std::to_string(i);
    x = Dropout(options.dropout, {.name = "dropout" + number})(x);
    x = LSTM(options.units, {.return_sequences = true, .name = "lstm" + number})(x);
  }
  x = Dropout(options.dropout, {.name = "dropout"})(x);
  return Model(tokens, Dense(options.vocabulary, {.name = "logits"})(x), options.name);
}

}  // namespace sinew::applications
