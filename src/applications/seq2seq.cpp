#include "applications/options.h"
#include "sinew/applications/language.h"

namespace sinew::applications {

using namespace layers;

Model Seq2Seq(Seq2SeqOptions options) {
  const char* const kName = "Seq2Seq";
  expect_at_least(kName, "source_vocabulary", options.source_vocabulary);
  expect_at_least(kName, "target_vocabulary", options.target_vocabulary);
  expect_at_least(kName, "embedding", options.embedding);
  expect_at_least(kName, "units", options.units);
  expect_rate(kName, "dropout", options.dropout);
  const auto embedded = [&](const KerasTensor& tokens, std::int64_t vocabulary,
                            const std::string& name) {
    const KerasTensor x =
        Embedding(vocabulary, options.embedding, {.name = name + "_embedding"})(tokens);
    return Dropout(options.dropout, {.name = name + "_dropout"})(x);
  };
  const auto lstm = [&](const std::string& name) {
    return LSTM(options.units, {.return_sequences = true, .return_state = true, .name = name});
  };
  const KerasTensor source =
      Input({options.source_steps}, {.dtype = DType::Int64, .name = "source"});
  const KerasTensor target =
      Input({options.target_steps}, {.dtype = DType::Int64, .name = "target"});
  const std::vector<KerasTensor> encoded =
      lstm("encoder").call_all({embedded(source, options.source_vocabulary, "source")});
  const KerasTensor decoded = lstm("decoder").call_all(
      {embedded(target, options.target_vocabulary, "target"), encoded[1], encoded[2]})[0];
  const KerasTensor context = Attention({.name = "attention"})({decoded, encoded[0]});
  KerasTensor x = Concatenate({.name = "join"})({context, decoded});
  x = Dense(options.units, {.activation = "tanh", .use_bias = false, .name = "attentional"})(x);
  x = Dropout(options.dropout, {.name = "dropout"})(x);
  x = Dense(options.target_vocabulary, {.name = "logits"})(x);
  return Model({source, target}, x, options.name);
}

}  // namespace sinew::applications
