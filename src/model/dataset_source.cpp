#include <fmt/format.h>

#include "data/dataset/node.h"
#include "model/batch_source.h"
#include "model/network.h"
#include "model/run.h"
#include "model/state.h"
#include "sinew/base/error.h"

namespace sinew::model {
namespace {

class DatasetSource : public BatchSource {
 public:
  DatasetSource(State& state, Mode mode, data::Dataset set, DatasetSourceOptions options)
      : state_(state), mode_(mode), set_(std::move(set)), options_(std::move(options)) {
    if (options_.steps == 0 && set_.size() == data::kEndless) {
      throw ValueError(
          said("the data set never ends: say how many batches are an epoch "
               "(steps_per_epoch, validation_steps), or take() some"));
    }
  }

  std::optional<std::int64_t> batches() const override {
    return options_.steps > 0 ? options_.steps : set_.size();
  }

  void begin(std::int64_t seed, std::int64_t epoch, std::int64_t first_batch) override {
    const Start start{seed, epoch, first_batch};
    // fit() begins its first epoch early, to have the model built.
    if (start == fresh_) return;
    const bool goes_on = stream_ && seed == seed_ && options_.steps > 0 &&
                         taken_ == epoch * options_.steps + first_batch;
    left_ = options_.steps - first_batch;
    if (!goes_on) {
      seed_ = seed;
      open(options_.steps > 0 ? 0 : epoch);
      skip(first_batch + (options_.steps > 0 ? epoch * options_.steps : 0));
    }
    ahead_ = fetch();
    if (!ahead_ && first_batch == 0)
      throw ValueError(said("the data set is empty: it has no batch"));
    if (ahead_) usual_ = ahead_->step;
    fresh_ = start;
  }

  bool next(Batch& batch) override {
    fresh_.reset();
    present_ = std::move(ahead_);
    if (!present_) return false;
    ahead_ = fetch();
    batch = {present_->tensors, present_->step.get(), !ahead_};
    return true;
  }

  const Step& step() const override { return *usual_; }

 private:
  struct Start {
    std::int64_t seed, epoch, batch;
    bool operator==(const Start&) const = default;
  };
  struct Prepared {
    std::vector<Tensor> tensors;
    std::shared_ptr<Step> step;
  };

  void open(std::int64_t pass) {
    pass_ = pass;
    stream_ = set_.open({static_cast<std::uint64_t>(seed_), static_cast<std::uint64_t>(pass)});
    number_ = 0;
  }

  void skip(std::int64_t count) {
    taken_ = count;
    for (std::int64_t left = count; left > 0;) {
      const std::int64_t skipped = stream_->skip(left);
      left -= skipped;
      number_ += skipped;
      if (left == 0) break;
      if (options_.steps == 0 || number_ == 0) {
        throw ValueError(said(fmt::format(
            "the data set has {} batches, so that none can begin at batch {}; was it another when "
            "the checkpoint was written?",
            number_, count)));
      }
      open(pass_ + 1);
    }
  }

  std::optional<Prepared> fetch() {
    if (options_.steps > 0 && left_ == 0) return std::nullopt;
    data::Element element;
    while (!stream_->next(element)) {
      if (options_.steps == 0) return std::nullopt;
      if (number_ == 0) throw ValueError(said("the data set is empty: it has no batch"));
      open(pass_ + 1);
    }
    --left_;
    ++taken_;
    try {
      ++number_;
      return prepared(element);
    } catch (...) {
      data::rethrow_with_number(number_ - 1);
    }
  }

  Prepared prepared(const data::Element& element) {
    const auto some = [&](std::size_t begin, std::size_t end) {
      return TensorList(std::vector<Tensor>(element.begin() + static_cast<std::ptrdiff_t>(begin),
                                            element.begin() + static_cast<std::ptrdiff_t>(end)));
    };
    // A model that is not built yet is a Sequential.
    const Network* network = state_.built() ? &state_.built_network() : nullptr;
    const std::size_t inputs = network ? network->inputs().size() : 1;
    if (mode_ == Mode::Predict) {
      // What was made for training may be predicted.
      if (element.size() < inputs) wrong_size(element.size(), inputs, 0);
      const Arrays arrays = checked_inputs(state_, some(0, inputs));
      return {arrays.all(), step_of(arrays)};
    }
    const std::size_t outputs = network ? network->outputs().size() : 1;
    const bool weighted = element.size() == inputs + 2 * outputs;
    if (!weighted && element.size() != inputs + outputs)
      wrong_size(element.size(), inputs, outputs);
    Arrays arrays = checked_arrays(state_, some(0, inputs), some(inputs, inputs + outputs),
                                   weighted ? some(inputs + outputs, element.size()) : TensorList{},
                                   options_.role);
    apply_class_weight(arrays, options_.class_weight);
    return {arrays.all(), step_of(arrays)};
  }

  std::shared_ptr<Step> step_of(const Arrays& arrays) {
    return state_.steps.get(state_, step_key(mode_, arrays, arrays.rows));
  }

  [[noreturn]] void wrong_size(std::size_t size, std::size_t inputs, std::size_t outputs) const {
    throw ValueError(said(fmt::format(
        "has {} tensors; the model takes {} inputs{}", size, inputs,
        outputs == 0 ? std::string(" and no targets")
                     : fmt::format(", {} targets and as many sample weights or none", outputs))));
  }

  std::string said(const std::string& what) const {
    return (options_.role.empty() ? "" : options_.role + ": ") + what;
  }

  State& state_;
  Mode mode_;
  data::Dataset set_;
  DatasetSourceOptions options_;
  std::int64_t seed_ = 0;
  std::unique_ptr<data::ElementStream> stream_;
  /// The data set's pass, and batches of it that were asked for.
  std::int64_t pass_ = 0, number_ = 0;
  /// Batches asked for since the first pass, and those left of this one, with `steps`.
  std::int64_t taken_ = 0, left_ = 0;
  std::optional<Start> fresh_;
  /// The batch at work and the one after it.
  std::optional<Prepared> present_, ahead_;
  std::shared_ptr<Step> usual_;
};

}  // namespace

std::unique_ptr<BatchSource> dataset_source(State& state, Mode mode, data::Dataset set,
                                            DatasetSourceOptions options) {
  return std::make_unique<DatasetSource>(state, mode, std::move(set), std::move(options));
}

}  // namespace sinew::model
