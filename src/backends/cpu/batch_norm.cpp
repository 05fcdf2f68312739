// Batch normalisation in training, forward and backward, seen as rows of channels.
//
// Forward: 7 FLOPs an element and two passes: statistics (reads x), then y = (x - mean) scale +
// shift with the residual and relu (reads x and the residual, writes y). Backward: 9 FLOPs, two
// passes: the two sums over what counts of dy (reads dy, the sum's other term, relu's result and
// x; writes what counted where another node wants it), then dx (reads that and x, writes dx).
// Memory bounds all of it, so data that lie in bfloat16 (attribute "storage") halve the time; they
// are computed with in float32 all the same.
//
// Rows are cut into chunks that stay in the first-level cache and chunks into shards, by shape
// only. A shard's chunks are gone through in order, a chunk's mean first and then its squares about
// that mean, so nothing cancels however far the mean is from zero; chunks and shards are joined in
// double in a fixed order (Chan, Golub and LeVeque 1983, "Algorithms for computing the sample
// variance", equation 1.5). Both passes cut alike: a thread finds its rows where it left them.

#include <algorithm>
#include <cmath>

#include "backends/cpu/batch_norm_rows.h"
#include "backends/cpu/registry.h"
#include "sinew/base/parallel.h"

namespace sinew::cpu {
namespace {

struct Rows {
  std::int64_t rows;
  std::int64_t channels;
  std::int64_t chunk_rows;
  std::int64_t chunks;
  std::int64_t shards;

  explicit Rows(const Shape& x) : channels(x[-1]) {
    constexpr std::int64_t kChunkElements = 4096;
    constexpr std::int64_t kMaxShards = 64;
    rows = channels == 0 ? 0 : x.numel() / channels;
    chunk_rows = std::max<std::int64_t>(16, kChunkElements / std::max<std::int64_t>(1, channels));
    chunks = (rows + chunk_rows - 1) / chunk_rows;
    shards = std::clamp<std::int64_t>(chunks, 1, kMaxShards);
  }

  /// Calls body(first row, rows) for the chunks of a shard, in order.
  template <typename Body>
  void each_chunk(std::int64_t shard, const Body& body) const {
    for (std::int64_t chunk = chunks * shard / shards; chunk < chunks * (shard + 1) / shards;
         ++chunk) {
      const std::int64_t first = chunk * chunk_rows;
      body(first, std::min(chunk_rows, rows - first));
    }
  }
};

/// Scratch memory: for each shard two vectors of T, for the present chunk, and two of double, for
/// all of its chunks; then three vectors of T for the second pass.
template <typename T>
struct Scratch {
  std::int64_t channels;
  double* joined;
  T* present;
  T* final;

  Scratch(void* memory, const Rows& r)
      : channels(r.channels),
        joined(static_cast<double*>(memory)),
        present(reinterpret_cast<T*>(joined + 2 * r.shards * channels)),
        final(present + 2 * r.shards * channels) {}

  static std::size_t bytes(const Rows& r) {
    const auto vectors = static_cast<std::size_t>(2 * r.shards);
    return static_cast<std::size_t>(r.channels) *
           (vectors * sizeof(double) + (vectors + 3) * sizeof(T));
  }
  double* of_shard(std::int64_t shard, int which) const {
    return joined + (2 * shard + which) * channels;
  }
  T* of_chunk(std::int64_t shard, int which) const {
    return present + (2 * shard + which) * channels;
  }
};

/// Joins the mean and the sum of squares about it of `more` rows to those of `count` rows.
void join(double& mean, double& squares, double count, double more_mean, double more_squares,
          double more) {
  const double off = more_mean - mean;
  mean += off * more / (count + more);
  squares += more_squares + off * off * count * more / (count + more);
}

bool has_relu(const KernelRequest& r) {
  return r.attributes.get_or<std::string>("activation", "") == "relu";
}

template <typename T, typename S = T>
class BatchNormForward : public Kernel {
 public:
  explicit BatchNormForward(const KernelRequest& r)
      : r_(r.inputs[0].shape),
        epsilon_(r.attributes.real("epsilon")),
        residual_(r.attributes.flag("residual")),
        relu_(has_relu(r)) {}

  std::size_t scratch_bytes() const override { return Scratch<T>::bytes(r_); }
  // The second pass goes element by element.
  bool may_share(int input, int output) const override {
    return output == 0 && (input == 0 || input == 3);
  }

  void run(const KernelArguments& a) override {
    const S* x = static_cast<const S*>(a.inputs[0]);
    const Scratch<T> scratch(a.scratch, r_);
    parallel_for(r_.shards, [&](std::int64_t shard) { statistics(x, shard, scratch); });
    T* mean = static_cast<T*>(a.outputs[1]);
    finish(static_cast<const T*>(a.inputs[1]), scratch, mean, static_cast<T*>(a.outputs[2]));
    const S* residual = residual_ ? static_cast<const S*>(a.inputs[3]) : nullptr;
    S* y = static_cast<S*>(a.outputs[0]);
    parallel_for(r_.shards, [&](std::int64_t shard) {
      r_.each_chunk(shard, [&](std::int64_t first, std::int64_t rows) {
        const std::int64_t at = first * r_.channels;
        normalize_rows<T, S>({x + at, mean, scratch.final, static_cast<const T*>(a.inputs[2]),
                              residual ? residual + at : nullptr, relu_, y + at},
                             rows, r_.channels);
      });
    });
  }

 private:
  void statistics(const S* x, std::int64_t shard, const Scratch<T>& scratch) const {
    const std::int64_t channels = r_.channels;
    T* mean = scratch.of_chunk(shard, 0);
    T* squares = scratch.of_chunk(shard, 1);
    double* all_mean = scratch.of_shard(shard, 0);
    double* all_squares = scratch.of_shard(shard, 1);
    std::fill_n(all_mean, 2 * channels, 0.0);
    double count = 0;
    r_.each_chunk(shard, [&](std::int64_t first, std::int64_t rows) {
      std::fill_n(mean, 2 * channels, T{0});
      sum_rows(x + first * channels, rows, channels, mean);
      for (std::int64_t c = 0; c < channels; ++c) mean[c] /= static_cast<T>(rows);
      sum_square_rows(x + first * channels, rows, channels, mean, squares);
      const auto more = static_cast<double>(rows);
      for (std::int64_t c = 0; c < channels; ++c)
        join(all_mean[c], all_squares[c], count, mean[c], squares[c], more);
      count += more;
    });
  }

  std::int64_t first_row(std::int64_t shard) const {
    return std::min(r_.rows, r_.chunks * shard / r_.shards * r_.chunk_rows);
  }

  void finish(const T* gamma, const Scratch<T>& scratch, T* mean, T* variance) const {
    for (std::int64_t c = 0; c < r_.channels; ++c) {
      double whole_mean = scratch.of_shard(0, 0)[c];
      double squares = scratch.of_shard(0, 1)[c];
      for (std::int64_t shard = 1; shard < r_.shards; ++shard) {
        join(whole_mean, squares, static_cast<double>(first_row(shard)),
             scratch.of_shard(shard, 0)[c], scratch.of_shard(shard, 1)[c],
             static_cast<double>(first_row(shard + 1) - first_row(shard)));
      }
      const double biased = squares / static_cast<double>(r_.rows);
      mean[c] = static_cast<T>(whole_mean);
      variance[c] = static_cast<T>(biased);
      scratch.final[c] = static_cast<T>(gamma[c] / std::sqrt(biased + epsilon_));
    }
  }

  Rows r_;
  double epsilon_;
  bool residual_;
  bool relu_;
};

template <typename T, typename S = T>
class BatchNormBackward : public Kernel {
 public:
  explicit BatchNormBackward(const KernelRequest& r)
      : r_(r.inputs[0].shape),
        epsilon_(r.attributes.real("epsilon")),
        sum_(r.attributes.flag("sum")),
        relu_(has_relu(r)),
        masked_(r.attributes.flag("masked")) {}

  std::size_t scratch_bytes() const override { return Scratch<T>::bytes(r_); }
  // Each pass goes element by element. What counted must not end in the place of dx, so the two
  // outputs have different inputs to take the place of.
  bool may_share(int input, int output) const override {
    if (output == 3) return input >= 4;
    return output == 0 && (input == 0 || (!masked_ && input >= 4));
  }

  void run(const KernelArguments& a) override {
    const auto in = [&](int i) { return static_cast<const S*>(a.inputs[i]); };
    const Scratch<T> scratch(a.scratch, r_);
    const Cotangents whole{in(0), static_cast<const T*>(a.inputs[2]), in(4), sum_ ? in(5) : nullptr,
                           relu_ ? in(sum_ ? 6 : 5) : nullptr};
    S* masked = masked_ ? static_cast<S*>(a.outputs[3]) : nullptr;
    parallel_for(r_.shards, [&](std::int64_t shard) { sums(whole, shard, scratch, masked); });
    finish(a, scratch);
    const Cotangents counted =
        masked ? Cotangents{whole.x, whole.mean, masked, nullptr, nullptr} : whole;
    const T* factors = scratch.final;
    S* dx = static_cast<S*>(a.outputs[0]);
    parallel_for(r_.shards, [&](std::int64_t shard) {
      r_.each_chunk(shard, [&](std::int64_t first, std::int64_t rows) {
        const std::int64_t channels = r_.channels;
        cotangent_rows(at(counted, first * channels), rows, channels, factors, factors + channels,
                       factors + 2 * channels, dx + first * channels);
      });
    });
  }

 private:
  using Cotangents = CotangentRows<T, S>;

  static Cotangents at(const Cotangents& r, std::int64_t place) {
    return {r.x + place, r.mean, r.dy + place, r.more ? r.more + place : nullptr,
            r.positive ? r.positive + place : nullptr};
  }

  void sums(const Cotangents& whole, std::int64_t shard, const Scratch<T>& scratch,
            S* masked) const {
    const std::int64_t channels = r_.channels;
    T* present = scratch.of_chunk(shard, 0);
    double* joined = scratch.of_shard(shard, 0);
    std::fill_n(joined, 2 * channels, 0.0);
    r_.each_chunk(shard, [&](std::int64_t first, std::int64_t rows) {
      std::fill_n(present, 2 * channels, T{0});
      sum_cotangent_rows(at(whole, first * channels), rows, channels, present, present + channels,
                         masked ? masked + first * channels : nullptr);
      for (std::int64_t c = 0; c < 2 * channels; ++c) joined[c] += present[c];
    });
  }

  /// dgamma, dbeta and the factors of dx.
  void finish(const KernelArguments& a, const Scratch<T>& scratch) const {
    const std::int64_t channels = r_.channels;
    const T* gamma = static_cast<const T*>(a.inputs[1]);
    const T* variance = static_cast<const T*>(a.inputs[3]);
    for (std::int64_t c = 0; c < channels; ++c) {
      double dbeta = 0;
      double product = 0;
      for (std::int64_t shard = 0; shard < r_.shards; ++shard) {
        dbeta += scratch.of_shard(shard, 0)[c];
        product += scratch.of_shard(shard, 1)[c];
      }
      const double factor = 1.0 / std::sqrt(static_cast<double>(variance[c]) + epsilon_);
      const double dgamma = product * factor;
      const double count = static_cast<double>(r_.rows);
      static_cast<T*>(a.outputs[1])[c] = static_cast<T>(dgamma);
      static_cast<T*>(a.outputs[2])[c] = static_cast<T>(dbeta);
      scratch.final[c] = static_cast<T>(gamma[c] * factor);
      scratch.final[channels + c] = static_cast<T>(-gamma[c] * factor * factor * dgamma / count);
      scratch.final[2 * channels + c] = static_cast<T>(-gamma[c] * factor * dbeta / count);
    }
  }

  Rows r_;
  double epsilon_;
  bool sum_;
  bool relu_;
  bool masked_;
};

template <template <typename, typename> class Made>
std::unique_ptr<Kernel> create(const KernelRequest& r) {
  if (r.inputs[0].dtype == DType::Float64) return std::make_unique<Made<double, double>>(r);
  if (r.inputs[0].dtype == DType::BFloat16) return std::make_unique<Made<float, BFloat16>>(r);
  return std::make_unique<Made<float, float>>(r);
}

const RegisterKernel forward({.op = "batch_norm",
                              .create = create<BatchNormForward>,
                              .bfloat16 = stores_bfloat16});
const RegisterKernel backward({.op = "batch_norm_backward",
                               .create = create<BatchNormBackward>,
                               .bfloat16 = stores_bfloat16});

}  // namespace
}  // namespace sinew::cpu
