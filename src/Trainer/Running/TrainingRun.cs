using IlgpuSpp.Distributed;
using IlgpuSpp.Training.Distributed;
using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Training;

/// <summary>The loop of a run: epochs of steps, evaluations, checkpoints.</summary>
internal sealed class TrainingRun : IDisposable
{
    private readonly TrainedModel _model;
    private readonly TrainerOptions _options;
    private readonly ImageDataset _validation;
    private readonly ColourPca? _pca;
    private readonly RunFolder _folder;
    private readonly ILogger _logger;
    private readonly IProgress<TrainingProgress>? _progress;
    private readonly RunClock _clock;
    private readonly ICollective _ranks;

    private readonly BatchLoader _loader;
    private readonly FrozenTraining? _frozen;
    private readonly PassCache<TrainingPass> _passes;
    private readonly WeightUpdater _updater;
    private readonly Evaluator? _evaluator;
    private readonly SharedEvaluation? _shared;
    private readonly ShardedStep? _sharded;
    private readonly LayerTuning _tuning;
    private readonly AccumulationGroup _group;
    private readonly TrainingLoss _loss;
    private readonly LearningRateSchedule _schedule;
    private readonly EarlyStopping _stopping;
    private readonly BestTracker _best = new();
    private readonly List<EpochMetrics> _epochs = [];
    private bool _hadEnded;
    private readonly StepTotals[] _read = new StepTotals[TrainingPass.PendingSteps];
    private readonly int _updatesPerEpoch;

    private ProgressReporter _reporter;
    private TrainingPass? _pass;
    private EpochTotals _totals;
    private int _epoch, _batch;
    private long _steps;
    private double _learningRate;
    private string? _checkpoint;

    public TrainingRun(TrainedModel model, TrainerOptions options, PreparedImages images, ImageDataset validation, ColourPca? pca, RunFolder folder, FeatureCache? features, ILogger logger, IProgress<TrainingProgress>? progress, RunClock clock, ICollective ranks)
    {
        _model = model;
        _options = options;
        _validation = validation;
        _pca = pca;
        _folder = folder;
        _logger = logger;
        _progress = progress;
        _clock = clock;
        _ranks = ranks;
        Network network = model.Model.Network;
        _tuning = LayerTuning.Apply(network, options);

        network.PrepareTraining();
        _sharded = options.Shards > 0 ? new ShardedStep(network, options, images.Count, ranks) : null;

        // Rows of zeros would enter the statistics of batch normalisation; without it, they spare a second plan.
        bool batchStatistics = network.Parameters.Any(p => !p.Trainable);
        _loader = new BatchLoader(images, new TrainingAugmentation(model.Preparation, options.Augmentation, pca), new LoaderOptions
        {
            BatchSize = options.BatchSize,
            FirstRow = _sharded?.Rows.First ?? 0,
            Rows = _sharded?.Rows.Count ?? 0,
            Threads = LoaderDefaults.Threads(options.LoaderThreads),
            Seed = options.Seed,
            PadLastBatch = !batchStatistics,
            Mixing = SampleMixing.IsAsked(options.Augmentation) ? new SampleMixing(options.Augmentation) : null,
            Undecodable = UndecodablePolicy.Replace,
            MaxUndecodableShare = options.MaxUndecodableShare,
        });
        try
        {
            int sizes = options.SizePolicy == SizePolicy.MultiSize ? options.Sizes.Distinct().Count() : 1;
            var evaluation = new EvaluatorOptions { BatchSize = options.BatchSize, LoaderThreads = options.LoaderThreads, MaxUndecodableShare = options.MaxUndecodableShare, CacheBytes = options.CacheBytes };
            if (options.FixedViews > 0 && FrozenStem.Of(model.Model) is { } stem)
            {
                stem.Note(model.Model);
                _frozen = new FrozenTraining(stem, model, options, images, validation, evaluation, features, logger);
            }
            _passes = TrainingPass.CacheOf(network, batchStatistics || _frozen is not null ? 2 * sizes : sizes, _frozen?.Head, options.Recompute);
            _updater = new WeightUpdater(network, options);
            _group = new AccumulationGroup(network, options.GradientAccumulation);
            if (_sharded is null) _evaluator = new Evaluator(model, evaluation, logger);
            else _shared = new SharedEvaluation(model, validation, evaluation, options.Shards, ranks, logger);
        }
        catch
        {
            Dispose();
            throw;
        }
        _loss = new TrainingLoss(model.Model.Classes, (float)options.LabelSmoothing, (float)options.FocalExponent, mixed: SampleMixing.IsAsked(options.Augmentation));
        _schedule = LearningRateSchedule.Create(options);
        _stopping = new EarlyStopping(options.EarlyStoppingPatience);
        _updatesPerEpoch = (_loader.BatchesPerEpoch + options.GradientAccumulation - 1) / options.GradientAccumulation;
        _reporter = new ProgressReporter(options, progress, clock, _loader.BatchesPerEpoch, 0, 0);
    }

    /// <summary>Goes back to where a checkpoint was saved; the weights are the model's already.</summary>
    public void Restore(RunState state)
    {
        Checkpoint.LoadTensors(_folder.LastFile, _updater.Optimiser, _updater.Average);
        _updater.Optimiser.RestoreUpdates(state.Updates);
        (_epoch, _batch, _steps, _learningRate, _totals) = (state.Epoch, state.Batch, state.Steps, state.LearningRate, state.Totals);
        _schedule.LoadState(state.Schedule);
        _stopping.LoadState(state.Stopping);
        _best.Best = state.Best;
        _epochs.AddRange(WithTimes(state.Epochs));
        _clock.Restore(state.Seconds ?? default);
        _checkpoint = _folder.LastFile;
        _reporter = new ProgressReporter(_options, _progress, _clock, _loader.BatchesPerEpoch, _epoch, _batch);
    }

    /// <summary>Trains to the end, or until it is cancelled.</summary>
    public RunResult Execute(CancellationToken cancellation)
    {
        try
        {
            return TrainAndEvaluate(cancellation);
        }
        catch (RankLostException lost) when (lost.Position is null)
        {
            throw new RankLostException(lost.Ranks, lost.Hosts, lost.Waited, FormattableString.Invariant($"epoch {_epoch + 1}, after step {_steps}"));
        }
    }

    private RunResult TrainAndEvaluate(CancellationToken cancellation)
    {
        _hadEnded = _epoch >= _options.Epochs || _stopping.ShouldStop;
        if (_epoch < _options.Epochs && !TryPrepareFeatures(cancellation)) return Interrupt();
        while (_epoch < _options.Epochs && !_stopping.ShouldStop)
        {
            if (IsAnyAsked(cancellation) || !TrainEpoch(cancellation) || !TryEndEpoch(cancellation)) return Interrupt();
        }
        RunOutcome outcome = _epoch >= _options.Epochs ? RunOutcome.Completed : RunOutcome.StoppedEarly;
        if (outcome == RunOutcome.StoppedEarly)
            _logger.LogInformation("Stopped after epoch {Epoch}: {Patience} evaluations without a lower validation error", _epoch, _options.EarlyStoppingPatience);
        _reporter.Report(Progress(TrainingPhase.Finished) with { Epoch = _epoch });
        return Result(outcome);
    }

    public void Dispose()
    {
        _loader.Dispose();
        _passes?.Dispose();
        _updater?.Dispose();
        _group?.Dispose();
        _evaluator?.Dispose();
        _shared?.Dispose();
        _frozen?.Dispose();
        _tuning.Dispose();
    }

    // Ranks are asked to stop one by one, and stop together.
    private bool IsAnyAsked(CancellationToken cancellation)
    {
        if (_ranks.Size == 1) return cancellation.IsCancellationRequested;
        byte[] asked = new byte[_ranks.Size];
        _ranks.AllGather([cancellation.IsCancellationRequested ? (byte)1 : (byte)0], asked);
        return asked.Contains((byte)1);
    }

    // False where it was cancelled: what was kept on the disk by then is found again.
    private bool TryPrepareFeatures(CancellationToken cancellation)
    {
        try
        {
            _frozen?.Prepare(_epoch, (done, all, cached) =>
            {
                if (done == all || _reporter.IsDue) _reporter.Report(Progress(TrainingPhase.Features) with { Epoch = 0, Step = done, Steps = all, FromCache = cached });
            }, cancellation);
            return true;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    // False where it was cancelled before the last batch. A wait for images ends at once.
    private bool TrainEpoch(CancellationToken cancellation)
    {
        if (_batch == _loader.BatchesPerEpoch) return true;
        _clock.Switch(RunActivity.Training);
        try
        {
            return TrainBatches(cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            UndoOpenGroup();
            return false;
        }
        finally
        {
            _clock.Switch(RunActivity.Other);
        }
    }

    private bool TrainBatches(CancellationToken cancellation)
    {
        int size = EpochSizes.At(_options, _epoch), batches = _loader.BatchesPerEpoch, groupImages = 0;
        _group.Begin(_batch);
        _sharded?.Begin();
        // A rank that left the wait for its images alone would leave the others behind.
        CancellationToken waits = _ranks.Size == 1 ? cancellation : CancellationToken.None;
        foreach (Batch batch in _frozen?.Epoch(_epoch, _loader.OrderOf(_epoch), _batch, waits) ?? _loader.Epoch(_epoch, size, _batch, waits))
        {
            if (_sharded is null)
            {
                PassFor(batch.Shape).Run(batch, 0, batch.Size, _loss, _updater.GradientScale, new PassState(_options.Seed, (uint)_steps));
                groupImages += batch.Count;
                _steps++;
                _batch++;
            }
            else
            {
                StepTotals step = _sharded.Run(batch, PassFor, _loss, _updater.GradientScale, _steps, cancellation.IsCancellationRequested);
                groupImages += step.Images;
                _steps++;
                _batch++;
                AddTotals(step, _batch - 1);
            }

            bool last = _batch == batches, updates = last || _batch % _options.GradientAccumulation == 0;
            if (updates)
            {
                var position = new SchedulePosition(_epoch, (_batch - 1) / _options.GradientAccumulation, _updatesPerEpoch);
                _learningRate = _options.LearningRate * _schedule.FactorAt(position);
                _sharded?.WriteGradients();
                if (groupImages > 0) _updater.Update(_learningRate, groupImages);
                groupImages = 0;
            }
            bool due = _reporter.IsDue;
            if (due || last || _pass?.Pending == TrainingPass.PendingSteps) ReadTotals();
            if (updates) _group.Begin(_batch);
            if (_progress is not null && (due || last)) _reporter.Report(Progress(TrainingPhase.Training));
            if (!updates || last) continue;

            if (_sharded?.Stop ?? cancellation.IsCancellationRequested) return false;
            if (_options.CheckpointEverySteps > 0 && _updater.Optimiser.Updates % _options.CheckpointEverySteps == 0)
            {
                Save();
                _sharded?.Begin();
            }
        }
        return true;
    }

    private void UndoOpenGroup()
    {
        ReadTotals();
        if (_batch == _group.FirstBatch) return;
        _group.Undo();
        _steps -= _batch - _group.FirstBatch;
        (_batch, _totals) = (_group.FirstBatch, _group.TotalsBefore);
    }

    private TrainingPass PassFor(Shape input)
    {
        if (_pass is not null && _pass.Input == input) return _pass;
        ReadTotals();
        _pass = _passes.Get(input);
        return _pass;
    }

    private void ReadTotals()
    {
        if (_pass is null) return;
        int count = _pass.Read(_read);
        for (int i = 0; i < count; i++) AddTotals(_read[i], _batch - count + i);
    }

    private void AddTotals(StepTotals step, int batch)
    {
        if (!step.IsFinite) throw new DivergedException(_epoch + 1, batch + 1, step.MeanLoss, _learningRate, _checkpoint);
        if (batch == _group.FirstBatch) _group.TotalsBefore = _totals;
        _totals = _totals with { Loss = _totals.Loss + step.Loss, Images = _totals.Images + step.Images, Correct = _totals.Correct + step.Correct };
    }

    // False where it was cancelled during the evaluation, which is then done again after resuming.
    private bool TryEndEpoch(CancellationToken cancellation)
    {
        EvaluationResult? result = null;
        if ((_epoch + 1) % _options.EvaluateEvery == 0 || _epoch + 1 == _options.Epochs)
        {
            try
            {
                result = Evaluate(cancellation);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested || _ranks.Size > 1)
            {
                return false;
            }
        }
        if (result is not null)
        {
            _schedule.Observe(1 - result.Top1);
            _stopping.Observe(1 - result.Top1);
        }

        // The table first: a kill between the two leaves a line too many, which resuming drops, not one too few.
        TrainingProgress end = Progress(TrainingPhase.EpochEnd) with { Ranks = _sharded?.TakeProgress() };
        EpochMetrics metrics = Metrics(result, _clock.EndEpoch());
        _epochs.Add(metrics);
        if (Writes) _folder.WriteMetrics(_epochs);
        (_epoch, _batch, _totals) = (_epoch + 1, 0, default);
        Save();
        _reporter.Report(end with { EpochEnd = metrics });
        return true;
    }

    private EvaluationResult Evaluate(CancellationToken cancellation)
    {
        _clock.Switch(RunActivity.Evaluating);
        _reporter.Report(Progress(TrainingPhase.Evaluating) with { Step = 0, Steps = _validation.Count });
        var images = _progress is null ? null : new EvaluationProgress(this);
        _updater.Average?.Swap();
        try
        {
            IEvaluationView view = _frozen?.Validation ?? Evaluator.ViewOf(_options.EvaluationView);
            EvaluationResult result = _shared is not null ? _shared.Evaluate(view, images, cancellation) : _evaluator!.Evaluate(_validation, view, images, cancellation);
            _clock.Switch(RunActivity.Other);
            if (!double.IsFinite(result.Loss)) throw Diverged(result.Loss);
            _reporter.NoteEvaluation();
            var epoch = new BestEpoch(_epoch + 1, result.Top1, result.Top5, result.Loss);
            if (_best.Observe(epoch))
            {
                _logger.LogInformation("Epoch {Epoch}: validation top-1 {Top1:P2}, the best so far", epoch.Epoch, epoch.Top1);
                if (Writes) RunFolder.Guard(_folder.BestFile, () => _model.Save(_folder.BestFile));
                _checkpoint ??= _folder.BestFile;
            }
            return result;
        }
        finally
        {
            _clock.Switch(RunActivity.Other);
            _updater.Average?.Swap();
        }
    }

    private EpochMetrics Metrics(EvaluationResult? result, RunSeconds seconds) => new()
    {
        Epoch = _epoch + 1,
        Size = EpochSizes.At(_options, _epoch),
        LearningRate = _learningRate,
        TrainLoss = _totals.MeanLoss(),
        TrainTop1 = _totals.Accuracy(),
        ValidationLoss = result?.Loss,
        ValidationTop1 = result?.Top1,
        ValidationTop5 = result?.Top5,
        ImagesPerSecond = ImagesPerSecond(seconds),
        TrainSeconds = seconds.Training,
        EvaluationSeconds = seconds.Evaluating,
        Seconds = seconds.Total,
    };

    private double ImagesPerSecond(RunSeconds seconds) => seconds.Training > 0 ? _totals.Images / seconds.Training : 0;

    // Checkpoints of equal runs are equal files, so times are kept in the table alone.
    private IEnumerable<EpochMetrics> WithTimes(IReadOnlyList<EpochMetrics> epochs)
    {
        IReadOnlyList<EpochMetrics> table = [];
        try
        {
            table = _folder.ReadMetrics();
        }
        catch (RunFolderException damaged)
        {
            _logger.LogWarning("{Reason} The times of the epochs before are lost", damaged.Message);
        }
        return epochs.Select(epoch => table.FirstOrDefault(line => line.Epoch == epoch.Epoch) is { } line ? epoch.WithTimesOf(line) : epoch);
    }

    private void Save()
    {
        ReadTotals();
        RunActivity before = _clock.Switch(RunActivity.Other);
        if (!_updater.WeightsAreFinite()) throw Diverged(double.NaN);
        if (Writes) Checkpoint.Save(_folder.LastFile, _model, _updater.Optimiser, _updater.Average, new RunState
        {
            Epoch = _epoch,
            Batch = _batch,
            Steps = _steps,
            Updates = _updater.Optimiser.Updates,
            LearningRate = _learningRate,
            Totals = _totals,
            Schedule = _schedule.SaveState(),
            Stopping = _stopping.SaveState(),
            Best = _best.Best,
            Epochs = [.. _epochs.Select(epoch => epoch.WithoutTimes())],
            Seconds = _batch == 0 ? null : _clock.Epoch,
            Pca = _pca,
        });
        _checkpoint = _folder.LastFile;
        _clock.Switch(before);
    }

    private bool Writes => _ranks.Rank == 0;

    private DivergedException Diverged(double loss) => new(_epoch + 1, _batch, loss, _learningRate, _checkpoint);

    private RunResult Interrupt()
    {
        Save();
        if (Writes) _folder.WriteMetrics(_epochs);
        _logger.LogInformation("Interrupted in epoch {Epoch} after {Batch} batches; the state is in {File}", _epoch + 1, _batch, _folder.LastFile);
        return Result(RunOutcome.Interrupted);
    }

    private RunResult Result(RunOutcome outcome) => new()
    {
        Outcome = outcome,
        HadEnded = _hadEnded,
        RunFolder = _folder.Root,
        BestOrNull = _best.Best,
        Epochs = [.. _epochs],
        Updates = _updater.Optimiser.Updates,
        Elapsed = TimeSpan.FromSeconds(_clock.Call.Total),
        TrainingTime = TimeSpan.FromSeconds(_epochs.Sum(epoch => epoch.Seconds) + (_batch == 0 ? 0 : _clock.Epoch.Total)),
        Undecodable = [.. _loader.Images.Failures.Select(f => f.Name)],
    };

    private TrainingProgress Progress(TrainingPhase phase) => new()
    {
        Phase = phase,
        Epoch = _epoch + 1,
        Step = _batch,
        Steps = _loader.BatchesPerEpoch,
        Loss = _totals.MeanLoss(),
        Accuracy = _totals.Accuracy(),
        ImagesPerSecond = ImagesPerSecond(_clock.Epoch),
        LearningRate = _learningRate,
        Size = EpochSizes.At(_options, Math.Min(_epoch, _options.Epochs - 1)),
        Undecodable = _loader.Images.FailureCount,
    };

    private sealed class EvaluationProgress(TrainingRun run) : IProgress<int>
    {
        public void Report(int value)
        {
            if (run._reporter.IsDue) run._reporter.Report(run.Progress(TrainingPhase.Evaluating) with { Step = value, Steps = run._validation.Count });
        }
    }
}
