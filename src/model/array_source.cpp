#include "model/batch_source.h"
#include "model/state.h"
#include "sinew/data/loader.h"

namespace sinew::model {
namespace {

class ArraySource : public BatchSource {
 public:
  ArraySource(State& state, Mode mode, const Arrays& arrays, std::int64_t batch_size, bool shuffle)
      : batches_((arrays.rows + batch_size - 1) / batch_size),
        loader_(arrays.all(), {.batch_size = batch_size, .shuffle = shuffle}) {
    full_ = state.steps.get(state, step_key(mode, arrays, batch_size));
    const std::int64_t rest = arrays.rows % batch_size;
    last_ = rest == 0 ? full_ : state.steps.get(state, step_key(mode, arrays, rest));
  }

  std::optional<std::int64_t> batches() const override { return batches_; }
  void begin(std::int64_t seed, std::int64_t epoch, std::int64_t first_batch) override {
    batch_ = first_batch;
    loader_.start(seed, epoch, first_batch);
  }
  bool next(Batch& batch) override {
    batch.tensors = loader_.next();
    if (batch.tensors.empty()) return false;
    batch.last = ++batch_ == batches_;
    batch.step = batch.last ? last_.get() : full_.get();
    return true;
  }
  const Step& step() const override { return *full_; }

 private:
  std::int64_t batches_;
  std::int64_t batch_ = 0;
  std::shared_ptr<Step> full_;
  std::shared_ptr<Step> last_;
  data::Loader loader_;
};

}  // namespace

std::unique_ptr<BatchSource> array_source(State& state, Mode mode, const Arrays& arrays,
                                          std::int64_t batch_size, bool shuffle) {
  return std::make_unique<ArraySource>(state, mode, arrays, std::min(batch_size, arrays.rows),
                                       shuffle);
}

}  // namespace sinew::model
