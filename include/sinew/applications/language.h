#pragma once

#include "sinew/model/model.h"
#include "sinew/nn/layers.h"

/// Networks that read and write sequences of tokens, Int64 numbers below `vocabulary`. Their logits
/// are trained with `SparseCategoricalCrossentropy(from_logits=true)` to be the next token's. All
/// throw ValueError naming the option that is out of range.
namespace sinew::applications {

struct LSTMLanguageModelOptions {
  std::int64_t vocabulary = 10000;
  /// Of the input; unknown: any number.
  std::int64_t steps = Shape::kUnknown;
  /// Of the embedding and each layer.
  std::int64_t units = 650;
  std::int64_t layers = 2;
  double dropout = 0.5;
  std::string name = "lstm_language_model";
};
/// Zaremba et al. 2014, "Recurrent neural network regularization", section 4.1, the medium network:
/// dropout between an embedding, two LSTM layers and the product with the vocabulary. (N, steps) ->
/// logits (N, steps, vocabulary). 19,775,200 parameters.
Model LSTMLanguageModel(LSTMLanguageModelOptions options = {});

struct Seq2SeqOptions {
  std::int64_t source_vocabulary = 10000;
  std::int64_t target_vocabulary = 10000;
  std::int64_t source_steps = Shape::kUnknown;
  std::int64_t target_steps = Shape::kUnknown;
  std::int64_t embedding = 256;
  std::int64_t units = 512;
  double dropout = 0.2;
  std::string name = "seq2seq";
};
/// Encoder and decoder, an LSTM each, with attention: Luong et al. 2015, "Effective approaches to
/// attention-based neural machine translation", section 3.1 with the score "dot". The decoder
/// begins in the encoder's last state; its outputs attend to the encoder's, and tanh of a product
/// with both gives the logits. Source (N, S) and the target so far (N, T), which begins with a
/// token of its own -> logits of the target's next tokens (N, T, target_vocabulary).
Model Seq2Seq(Seq2SeqOptions options = {});

struct TransformerOptions {
  /// Of source and target, which share one table. Token 0 is padding: it is masked.
  std::int64_t vocabulary = 37000;
  std::int64_t source_steps = Shape::kUnknown;
  std::int64_t target_steps = Shape::kUnknown;
  /// In the encoder, and as many in the decoder.
  std::int64_t blocks = 6;
  std::int64_t heads = 8;
  std::int64_t width = 512;
  /// Units of the feed-forward layers.
  std::int64_t hidden = 2048;
  double dropout = 0.1;
  std::string name = "transformer";
};
/// Vaswani et al. 2017, "Attention is all you need", the base model: post-norm blocks, sinusoidal
/// positions, one table of embeddings for source, target and logits. Source (N, S) and the target
/// so far (N, T) -> logits of the target's next tokens (N, T, vocabulary). 63,082,496 parameters.
Model Transformer(TransformerOptions options = {});

struct BertOptions {
  /// Token 0 is padding: it is masked.
  std::int64_t vocabulary = 30522;
  /// The longest sequence.
  std::int64_t context = 512;
  /// Of the input; default: `context`.
  std::int64_t steps = 0;
  std::int64_t segments = 2;
  std::int64_t blocks = 12;
  std::int64_t heads = 12;
  std::int64_t width = 768;
  /// Units of the feed-forward layers; default: 4 width.
  std::int64_t hidden = 0;
  double dropout = 0.1;
  double attention_dropout = 0.1;
  std::string name = "bert";
};
/// Devlin et al. 2019, "BERT: pre-training of deep bidirectional transformers", the base model:
/// learnt embeddings of tokens, positions and segments, post-norm encoder blocks with gelu, and a
/// pooler (Dense with tanh on the first step). Tokens and segments (N, steps) -> two outputs, (N,
/// steps, width) and the pooled (N, width). 109,482,240 parameters.
Model Bert(BertOptions options = {});

struct GptOptions {
  std::int64_t vocabulary = 50257;
  /// The longest sequence.
  std::int64_t context = 1024;
  /// Of the input; default: `context`.
  std::int64_t steps = 0;
  std::int64_t blocks = 12;
  std::int64_t heads = 12;
  std::int64_t width = 768;
  /// Units of the feed-forward layers; default: 4 width.
  std::int64_t hidden = 0;
  /// After embeddings and within blocks.
  double dropout = 0.1;
  double attention_dropout = 0.1;
  std::string name = "gpt2";
};
/// Radford et al. 2019, "Language models are unsupervised multitask learners" (GPT-2), the smallest
/// model: learnt positions, pre-norm decoder blocks with causal attention and gelu (by tanh),
/// logits by the table of embeddings. Weights begin as normal numbers of standard deviation 0.02.
/// (N, steps) -> logits (N, steps, vocabulary). 124,439,808 parameters.
Model Gpt(GptOptions options = {});

}  // namespace sinew::applications
