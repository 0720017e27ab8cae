using System.Collections.Immutable;
using System.Globalization;
using IlgpuSpp.Cli.Commands;
using IlgpuSpp.Pretrained;
using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Cli.Training;

/// <summary>The options of <c>train</c> and how they become a <see cref="TrainRequest"/>.</summary>
internal sealed class TrainArguments
{
    private readonly Option<string?> _data = new("--data") { Description = "Class folders or a CSV manifest (file,class[,split]), in a .zip or .tar too; without it shapes are drawn.", HelpName = "DIR|CSV" };
    private readonly Option<string?> _validation = new("--val") { Description = "Held-out images; without it a part of --data is held out.", HelpName = "DIR|CSV" };
    private readonly Option<bool> _outside = new("--allow-outside") { Description = "Let a CSV manifest name images outside its folder." };
    private readonly Option<double> _share = new("--split") { Description = "Share of every class to train on where a part of --data is held out.", DefaultValueFactory = _ => 0.8, HelpName = "share" };
    private readonly Option<ulong?> _splitSeed = new("--split-seed") { Description = "Seed of the split and of the shapes; by default --seed.", HelpName = "n" };
    private readonly Option<int> _shapes = new("--shapes") { Description = "Number of shapes to train on when no --data is given.", DefaultValueFactory = _ => new ShapesOptions().TrainImages, HelpName = "n" };

    private readonly Option<string> _model = new("--model") { Description = "A network; see 'ilgpuspp models'.", DefaultValueFactory = _ => "spp-small", HelpName = "name" };
    private readonly Option<string> _levels = new("--levels") { Description = "Pyramid levels such as 6,3,2,1, or none; with --from they take the place of the network's pooling and its end starts anew.", DefaultValueFactory = _ => "1,2,3,6", HelpName = "list" };
    private readonly Option<double> _width = WidthOption.Create();
    private readonly Option<float?> _dropout = new("--dropout") { Description = "Dropout on hidden layers; by default the network's own.", HelpName = "rate" };

    private readonly Option<string?> _from = new("--from") { Description = "Start from this model's weights (fine-tuning): its network, sizes and normalisation, with a new last layer where the classes differ. A name such as resnet18-imagenet takes trained weights; see 'ilgpuspp models pull'. A network that gives features only gets a last layer, which alone learns.", HelpName = "FILE|name" };
    private readonly Option<string?> _at = new("--at") { Description = "With --from: the last layer that is kept; what is behind it starts anew.", HelpName = "layer" };
    private readonly Option<int?> _hidden = new("--hidden") { Description = "With --from: units of a hidden layer behind the pooling, 0 for none; the network's end starts anew.", HelpName = "units" };
    private readonly Option<int?> _unfreeze = new("--unfreeze") { Description = "With a new head: how many of the kept layers learn too, the last ones first, at a tenth of the rate; by default none.", HelpName = "n" };
    private readonly Option<int?> _fixedViews = new("--fixed-views") { Description = $"With frozen layers down to the pooling: train on this many views of every image in place of augmentation, so that the frozen layers run once an image and view: the whole image, its mirror image, then the ten crops of the paper; 0 augments. By default {TrainDefaults.FixedViews} for a new head alone.", HelpName = "n" };
    private readonly Option<int> _featureCache = new("--feature-cache") { Description = $"Most megabytes of the frozen layers' features in the cache that runs share ({WeightCache.Variable} names its folder, 'ilgpuspp cache' shows and clears it); 0 keeps none.", DefaultValueFactory = _ => 4096, HelpName = "MB" };
    private readonly PretrainedSelection _pretrained = new();
    private readonly RecipeSelection _recipe = new();
    private readonly Option<string?> _freeze = new("--freeze") { Description = "Layers that stay as they are, such as conv1,bn_conv1 or conv*,bn_conv*.", HelpName = "list" };
    private readonly Option<string?> _layerRates = new("--lr-mult") { Description = "Multipliers of the learning rate, such as conv*=0.1,fc6=2.", HelpName = "list" };

    private readonly Option<string?> _sizes = new("--sizes") { Description = "Training sizes such as 224,180: one epoch at each in turn (multi-size training); by default the network's own size, with --from that of the model.", HelpName = "list" };
    private readonly Option<bool> _randomSize = new("--random-size") { Description = "Every epoch at a size drawn between the smallest and the largest of --sizes." };
    private readonly Option<int?> _crop = new("--crop") { Description = "Side of the training crop before it is resized to the training size; by default the largest size, with crops or strong the shorter side of --min-side, with --from that of the model. Random resized crops have sides of their own: there it says how large evaluation shows objects.", HelpName = "pixels" };
    private readonly Option<int?> _minSide = new("--min-side") { Description = "Images are resized to this shorter side before the crop; by default 256/224 of --crop or the largest size, for drawn shapes the crop, with --from that of the model.", HelpName = "pixels" };
    private readonly Option<bool> _reduced = new("--reduced-decoding") { Description = "Decode JPEG files at a half, a quarter or an eighth of their size where that leaves enough pixels: faster for large photographs. The model remembers it." };
    private readonly Option<string?> _augment = new("--augment") { Description = "paper (5 crop positions, flip, PCA colours) | crops (random resized crops, flip) | strong (the same with colours) | none; each with any of +randaugment[:N,M] (2 operations of magnitude 9 of 30) +erasing[:chance] (0.5), +mixup[:alpha] (0.2) and +cutmix[:alpha] (1), such as strong+randaugment+mixup; by default strong for spp-small on images of one's own, else paper, for a new head alone none.", HelpName = "kind" };
    private readonly Option<NormalisationMethod> _normalisation = new("--normalise") { Description = "Input normalisation: per-channel | constant128 | mean-image; by default per-channel, with --from that of the model.", HelpName = "kind", CustomParser = Kebab.Parse<NormalisationMethod> };

    private readonly Option<int?> _epochs = new("--epochs") { Description = "Passes over the training images; by default 40, on drawn shapes 8, of a new head behind --from 2, on fixed views 5 or as many as there are.", HelpName = "n" };
    private readonly Option<int> _batch = new("--batch") { Description = "Images a step; of a new head behind --from by default 16.", DefaultValueFactory = _ => 64, HelpName = "n" };
    private readonly Option<int?> _shards = new("--shards") { Description = $"Cut every batch into this many parts of equal size, which processes can share (a divisor of --batch); by default {TrainDefaults.Shards} with --distributed, else 0: batches run whole.", HelpName = "n" };
    private readonly Option<ReduceOrder> _reduce = new("--reduce") { Description = "Order in which the gradients of shards are added up: tree (the same bits on any number of processes) | fast (as the MPI library likes).", HelpName = "order", CustomParser = Kebab.Parse<ReduceOrder> };
    private readonly RankSelection _ranks = new();
    private readonly Option<bool> _recompute = new("--recompute") { Description = "Keep the inputs of a few parts of the network and compute what is between them again on the way back: less memory for about a third more time, the same weights." };
    private readonly Option<int> _accumulate = new("--accumulate") { Description = "Steps whose gradients are averaged for one update.", DefaultValueFactory = _ => 1, HelpName = "n" };
    private readonly Option<double?> _rate = new("--lr") { Description = "Learning rate; by default 0.02 for spp-small and 0.01 for the others, with --from half of that for spp-small and a tenth for the others, all of it for a new head.", HelpName = "rate" };
    private readonly Option<double> _momentum = new("--momentum") { Description = "Momentum of SGD.", DefaultValueFactory = _ => 0.9, HelpName = "share" };
    private readonly Option<double> _decay = new("--weight-decay") { Description = "Weight decay.", DefaultValueFactory = _ => 5e-4, HelpName = "rate" };
    private readonly Option<OptimiserKind> _optimiser = new("--optimiser") { Description = "sgd | nesterov | adamw; by default sgd", HelpName = "name", CustomParser = Kebab.Parse<OptimiserKind> };
    private readonly Option<ScheduleKind?> _schedule = new("--schedule") { Description = "plateau (divide by 10 when the error stops falling) | step | cosine | constant; by default cosine for spp-small, plateau for the others, cosine for a new head.", HelpName = "name", CustomParser = Kebab.ParseOptional<ScheduleKind> };
    private readonly Option<int> _stepEpochs = new("--step-epochs") { Description = "Epochs between two drops of the step schedule.", DefaultValueFactory = _ => 30, HelpName = "n" };
    private readonly Option<int> _plateauPatience = new("--plateau-patience") { Description = "Evaluations without improvement before the plateau schedule drops.", DefaultValueFactory = _ => 5, HelpName = "n" };
    private readonly Option<double> _warmup = new("--warmup") { Description = "Epochs over which the learning rate rises.", HelpName = "epochs" };
    private readonly Option<int> _patience = new("--patience") { Description = "Stop after this many evaluations without improvement; 0 never.", HelpName = "n" };
    private readonly Option<double> _clip = new("--clip") { Description = "Largest norm of the gradient; 0 switches it off.", HelpName = "norm" };
    private readonly Option<double> _smoothing = new("--label-smoothing") { Description = "Share of the target spread over all classes.", HelpName = "share" };
    private readonly Option<double> _focal = new("--focal") { Description = "Exponent of focal loss: images that are named rightly already count less; 0 is cross-entropy.", HelpName = "exponent" };
    private readonly Option<double> _ema = new("--ema") { Description = "Decay of the averaged weights; 0 switches it off.", HelpName = "decay" };
    private readonly Option<ulong> _seed = new("--seed") { Description = "Seed of everything drawn at random.", DefaultValueFactory = _ => 1UL, HelpName = "n" };

    private readonly Option<EvaluationView?> _view = new("--view") { Description = "What the network sees of validation images: crop | full; by default full where the network takes any size.", HelpName = "name", CustomParser = Kebab.ParseOptional<EvaluationView> };
    private readonly Option<int> _evaluateEvery = new("--eval-every") { Description = "Epochs between two evaluations.", DefaultValueFactory = _ => 1, HelpName = "n" };
    private readonly Option<int> _saveSteps = new("--save-steps") { Description = "Also save a checkpoint every so many steps; 0 only after epochs.", HelpName = "n" };
    private readonly Option<int> _loaderThreads = new("--loader-threads") { Description = "Threads that decode images; 0 chooses.", HelpName = "n" };
    private readonly Option<double> _undecodable = new("--max-undecodable") { Description = "Largest share of images that may be skipped because they cannot be decoded.", DefaultValueFactory = _ => 0.05, HelpName = "share" };

    private readonly Option<string?> _out = new("--out") { Description = "Folder of the run; by default the next free one below runs/.", HelpName = "RUN" };
    private readonly Option<string?> _resume = new("--resume") { Description = "Go on with the run in this folder (or in --out), as it was started. --epochs makes a run of the constant, step or plateau schedule longer or shorter, --extend any run longer; --data and --val say where its images are now; --patience, --save-steps, --loader-threads, --max-undecodable, --feature-cache and the device may differ too.", Arity = ArgumentArity.ZeroOrOne, HelpName = "RUN" };
    private readonly Option<int?> _extend = new("--extend") { Description = "With --resume: this many epochs more; a cosine begins anew there, its rate rising first over the epochs of --warmup or else over one.", HelpName = "n" };
    private readonly Option<bool> _overwrite = new("--overwrite") { Description = "Replace the run that is in --out." };

    private Option[] _all = [];
    private readonly Option<bool> _quiet = new("--quiet") { Description = "Print the result only." };
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object an event: phases, progress, epochs, the result." };
    private readonly Option<string?> _log = new("--log") { Description = "Also write plain lines with the time to this file; an older log is added to.", HelpName = "FILE" };

    public void AddTo(Command command)
    {
        _all =
        [
            _data, _validation, _outside, _share, _splitSeed, _shapes, _recipe.Option, _model, _levels, _width, _dropout, _from, _at, _hidden, _unfreeze, _freeze, _layerRates, _fixedViews, _featureCache, _sizes, _randomSize, _crop, _minSide, _reduced, _augment, _normalisation,
            _epochs, _batch, _accumulate, _shards, _reduce, .. _ranks.Options, _recompute, _rate, _momentum, _decay, _optimiser, _schedule, _stepEpochs, _plateauPatience, _warmup, _patience, _clip,
            _smoothing, _focal, _ema, _seed, _view, _evaluateEvery, _saveSteps, _loaderThreads, _undecodable, _out, _resume, _extend, _overwrite, _quiet, _json, _log,
        ];
        foreach (Option option in _all) command.Add(option);
        _pretrained.AddTo(command);
    }

    /// <summary>The processes that train together.</summary>
    public RankSelection Ranks => _ranks;

    /// <summary>What shows the run.</summary>
    /// <exception cref="UsageException">Two ways to show it exclude each other.</exception>
    public ITrainingDisplay OpenDisplay(ParseResult parsed)
    {
        bool quiet = parsed.GetValue(_quiet), json = parsed.GetValue(_json);
        if (quiet && json) throw new UsageException("--quiet and --json exclude each other.");
        return TrainingDisplay.Create(quiet, json, parsed.GetValue(_log));
    }

    /// <summary>Where features of frozen layers are kept; null for nowhere.</summary>
    public FeatureCache? OpenFeatures(ParseResult parsed, ILogger log) => parsed.GetValue(_featureCache) is > 0 and var megabytes ? new FeatureCache(CacheCommand.FeatureFolder, (long)megabytes << 20, log) : null;

    /// <summary>Fills in every default.</summary>
    /// <exception cref="UsageException">Options do not fit together.</exception>
    public TrainRequest Resolve(ParseResult parsed, CancellationToken interrupt = default)
    {
        if (parsed.GetResult(_resume) is null && parsed.GetValue(_extend) is not null) throw new UsageException("--extend lengthens a run; it needs --resume RUN.");
        TrainRequest request = parsed.GetResult(_resume) is null ? New(parsed, interrupt) : Resumed(parsed);
        request.Options.Validate();
        OutputPlace.CheckFolder(IsGiven(parsed, _resume) ? "--resume" : "--out", request.RunFolder);
        if (!request.Resume && !request.Overwrite && new RunFolder(request.RunFolder).HoldsRun)
            throw new UsageException($"{request.RunFolder}: holds a run already; go on with it (--resume), replace it (--overwrite), or name another folder (--out).");
        OutputPlace.CheckFile("--log", parsed.GetValue(_log), makesFolder: true);
        return request;
    }

    private TrainRequest New(ParseResult parsed, CancellationToken interrupt)
    {
        var data = new DataRequest
        {
            Data = parsed.GetValue(_data),
            Validation = parsed.GetValue(_validation),
            AllowOutside = parsed.GetValue(_outside),
            TrainShare = parsed.GetValue(_share),
            Seed = parsed.GetValue(_splitSeed) ?? parsed.GetValue(_seed),
            Shapes = parsed.GetValue(_shapes),
        };
        if (data.Data is null && data.Validation is not null) throw new UsageException("--val needs --data.");
        if (!(data.TrainShare is > 0 and < 1)) throw new UsageException($"--split must be between 0 and 1, not {data.TrainShare}.");
        if (parsed.GetValue(_dropout) is { } dropout && !(dropout is >= 0 and < 1)) throw new UsageException($"--dropout must be at least 0 and below 1, not {dropout}.");
        if (data.Shapes < 20) throw new UsageException($"--shapes must be at least 20, not {data.Shapes}.");

        string? from = parsed.GetValue(_from);
        if (from is not null && IsGiven(parsed, _model)) throw new UsageException("--from brings its own network; leave --model out.");
        if (from is not null && IsGiven(parsed, _width)) throw new UsageException("--from brings its own network; leave --width out.");
        double width = WidthOption.Read(parsed, _width);
        NewHead? head = Head(parsed);
        if (from is null && (head is not null && !IsGiven(parsed, _levels) || IsGiven(parsed, _unfreeze))) throw new UsageException("--at, --hidden and --unfreeze say what becomes of a trained network; name one with --from.");
        if (from is not null) from = _pretrained.FileOf(parsed, from, interrupt);
        StartingModel? start = from is null ? null : StartingModel.Read(from, head);
        int unfreeze = parsed.GetValue(_unfreeze) ?? 0;
        if (start is { Head: null } && IsGiven(parsed, _unfreeze)) throw new UsageException("--unfreeze needs a new head: --levels, --at or --hidden.");
        if (unfreeze < 0) throw new UsageException($"--unfreeze must be at least 0, not {unfreeze}.");
        if (parsed.GetValue(_featureCache) < 0) throw new UsageException($"--feature-cache must be at least 0, not {parsed.GetValue(_featureCache)}.");
        bool newHead = start?.Head is not null;
        bool still = newHead && unfreeze == 0 && !start!.Kept.Any(layer => layer.SelfAndDescendants().Any(inside => inside is Dropout)) && !IsGiven(parsed, _augment) && !IsGiven(parsed, _freeze) && _recipe.Source(parsed) is null;
        bool shared = _ranks.IsGiven(parsed) || parsed.GetValue(_shards) > 0;
        int fixedViews = parsed.GetValue(_fixedViews) ?? (still && !shared ? TrainDefaults.FixedViews : 0);
        if (fixedViews > 0 && (IsGiven(parsed, _augment) || _recipe.Source(parsed) is not null)) throw new UsageException("--fixed-views takes the place of --augment and of a recipe's augmentation; leave one of them out.");
        string model = start?.Description.Architecture ?? Zoo.Find(parsed.GetValue(_model)!).Name;
        int[] sizes = parsed.GetValue(_sizes) is { } list ? ImageSize.ParseSides(list, "--sizes") : [start?.InputSize ?? Zoo.Find(model).Size];
        bool small = model == "spp-small", sameSizes = parsed.GetValue(_sizes) is null && parsed.GetValue(_crop) is null;
        ImmutableArray<int> pyramid = start is not null ? start.Description.Options.Pyramid : LevelList.Parse(parsed.GetValue(_levels)!);
        bool anySize = start?.TakesAnySize ?? pyramid.Length > 0;
        double usualRate = small ? TrainDefaults.SmallLearningRate : TrainDefaults.LearningRate;
        var options = new TrainerOptions
        {
            Sizes = [.. sizes],
            SizePolicy = parsed.GetValue(_randomSize) ? SizePolicy.RandomSize : SizePolicy.MultiSize,
            CropSize = parsed.GetValue(_crop) ?? (sameSizes ? start?.Preparation.CropSize : null),
            // Shapes are drawn up to the border: a crop must not lose them.
            ResizeSide = parsed.GetValue(_minSide) ?? (sameSizes && start is not null ? start.Preparation.MinSide : data.Data is null ? parsed.GetValue(_crop) ?? sizes.Max() : null),
            ReducedDecoding = parsed.GetValue(_reduced),
            Augmentation = Augmentation(parsed.GetValue(_augment) ?? (fixedViews > 0 || newHead && unfreeze == 0 ? "none" : small && data.Data is not null ? "strong" : "paper")),
            FixedViews = fixedViews,
            Normalisation = parsed.GetValue(_normalisation),
            Epochs = parsed.GetValue(_epochs) ?? (fixedViews > 0 ? Math.Max(TrainDefaults.FixedViewEpochs, fixedViews) : newHead ? TrainDefaults.HeadEpochs : data.Data is null ? TrainDefaults.ShapesEpochs : TrainDefaults.Epochs),
            BatchSize = newHead && !IsGiven(parsed, _batch) ? TrainDefaults.HeadBatch : parsed.GetValue(_batch),
            GradientAccumulation = parsed.GetValue(_accumulate),
            Shards = parsed.GetValue(_shards) ?? (_ranks.IsGiven(parsed) ? TrainDefaults.Shards : 0),
            Reduce = parsed.GetValue(_reduce),
            Recompute = parsed.GetValue(_recompute),
            LearningRate = parsed.GetValue(_rate) ?? (start is null || newHead ? usualRate : usualRate * (small ? TrainDefaults.SmallFineTuningShare : TrainDefaults.FineTuningShare)),
            FrozenLayers = parsed.GetValue(_freeze) is { } frozen ? [.. frozen.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)] : newHead ? [.. start!.Frozen(unfreeze)] : [],
            LayerRates = parsed.GetValue(_layerRates) is { } rates ? LayerRateList.Parse(rates) : newHead ? [.. start!.Kept.Where(layer => layer.SelfAndDescendants().Any(inside => inside.Parameters.Count > 0)).TakeLast(unfreeze).Select(layer => new LayerRate(layer.Name, TrainDefaults.FineTuningShare))] : [],
            Momentum = parsed.GetValue(_momentum),
            WeightDecay = parsed.GetValue(_decay),
            Optimiser = parsed.GetValue(_optimiser),
            Schedule = parsed.GetValue(_schedule) ?? (small || newHead ? ScheduleKind.Cosine : ScheduleKind.Plateau),
            StepEpochs = parsed.GetValue(_stepEpochs),
            PlateauPatience = parsed.GetValue(_plateauPatience),
            WarmupEpochs = parsed.GetValue(_warmup),
            EarlyStoppingPatience = parsed.GetValue(_patience),
            ClipNorm = parsed.GetValue(_clip),
            LabelSmoothing = parsed.GetValue(_smoothing),
            FocalExponent = parsed.GetValue(_focal),
            EmaDecay = parsed.GetValue(_ema),
            Seed = parsed.GetValue(_seed),
            EvaluationView = parsed.GetValue(_view) ?? (anySize ? EvaluationView.Full : EvaluationView.Crop),
            EvaluateEvery = parsed.GetValue(_evaluateEvery),
            CheckpointEverySteps = parsed.GetValue(_saveSteps),
            LoaderThreads = parsed.GetValue(_loaderThreads),
            MaxUndecodableShare = parsed.GetValue(_undecodable),
        };
        float? rate = parsed.GetValue(_dropout) ?? start?.Description.Options.Dropout;
        IReadOnlyList<string> recipe = [];
        if (_recipe.Source(parsed) is { } source) ((options, rate), recipe) = Recipe(parsed, source, (options, rate), model, from is not null);
        return new TrainRequest
        {
            Data = data,
            Recipe = recipe,
            Model = model,
            ModelOptions = start is null
                ? new ModelOptions { Pyramid = pyramid, Width = width, Dropout = rate }
                : start.Description.Options with { Dropout = rate },
            From = from,
            Head = start?.Head,
            KeepNormalisation = from is not null && !IsGiven(parsed, _normalisation),
            Options = options,
            RunFolder = parsed.GetValue(_out) ?? RunNames.NextFree($"{data.Name}-{model}"),
            Overwrite = parsed.GetValue(_overwrite),
        };
    }

    private ((TrainerOptions Options, float? Dropout) Chosen, IReadOnlyList<string> Lines) Recipe(ParseResult parsed, RecipeSource source, (TrainerOptions, float?) own, string model, bool fineTuning)
    {
        TrainerOptions recipe = IlgpuSpp.Training.Recipe.Classification(source, model, Zoo.Contains(model) ? Zoo.Find(model).Size : own.Item1.Sizes.Max());
        RecipeValue<(TrainerOptions Options, float? Dropout)>[] values =
        [
            Value(_sizes, o => $"size {string.Join(", ", o.Sizes)}", (o, r) => o with { Sizes = r.Sizes }),
            Value(_crop, o => $"crops of {o.EffectiveCropSize}", (o, r) => o with { CropSize = r.CropSize }),
            Value(_minSide, o => $"of images of {o.EffectiveResizeSide}", (o, r) => o with { ResizeSide = r.ResizeSide }),
            Value(_augment, o => o.Augmentation == AugmentationOptions.Paper ? "5 positions, flips, PCA colours" : "other changes of images", (o, r) => o with { Augmentation = r.Augmentation, FixedViews = r.FixedViews }),
            Value(_normalisation, o => Kebab.Of(o.Normalisation), (o, r) => o with { Normalisation = r.Normalisation }),
            Value(_epochs, o => Counted.Of(o.Epochs, "epoch"), (o, r) => o with { Epochs = r.Epochs }),
            Value(_batch, o => FormattableString.Invariant($"batch {o.BatchSize}"), (o, r) => o with { BatchSize = r.BatchSize }),
            Value(_optimiser, o => Kebab.Of(o.Optimiser), (o, r) => o with { Optimiser = r.Optimiser }),
            Value(_rate, o => FormattableString.Invariant($"rate {o.LearningRate}"), (o, r) => o with { LearningRate = r.LearningRate }),
            Value(_schedule, o => o.Schedule == ScheduleKind.Plateau ? FormattableString.Invariant($"times {o.LearningRateFactor} on a plateau {o.PlateauDrops} times") : Kebab.Of(o.Schedule), (o, r) => o with { Schedule = r.Schedule, LearningRateFactor = r.LearningRateFactor, PlateauDrops = r.PlateauDrops }),
            Value(_momentum, o => FormattableString.Invariant($"momentum {o.Momentum}"), (o, r) => o with { Momentum = r.Momentum }),
            Value(_decay, o => FormattableString.Invariant($"decay {o.WeightDecay}"), (o, r) => o with { WeightDecay = r.WeightDecay }),
            new(_dropout, chosen => FormattableString.Invariant($"dropout {chosen.Dropout}"), (chosen, recipe) => (chosen.Options, recipe.Dropout)),
        ];
        ((TrainerOptions, float?) chosen, IReadOnlyList<string> lines) = _recipe.Apply(parsed, own, (recipe, IlgpuSpp.Training.Recipe.Dropout), values);
        if (fineTuning && !IsGiven(parsed, _normalisation)) lines = [.. lines, $"--from: its own normalisation instead of the recipe's {Kebab.Of(recipe.Normalisation)}"];
        return (chosen, lines);

        static RecipeValue<(TrainerOptions Options, float? Dropout)> Value(Option option, Func<TrainerOptions, string> text, Func<TrainerOptions, TrainerOptions, TrainerOptions> take) =>
            new(option, chosen => text(chosen.Options), (chosen, recipe) => (take(chosen.Options, recipe.Options), chosen.Dropout));
    }

    // A new head is asked for by any option that changes more than the last layer.
    private NewHead? Head(ParseResult parsed)
    {
        if (!IsGiven(parsed, _levels) && !IsGiven(parsed, _at) && !IsGiven(parsed, _hidden)) return null;
        int hidden = HiddenOption.Read(parsed, _hidden) ?? 0;
        return new NewHead { Levels = IsGiven(parsed, _levels) ? LevelList.Parse(parsed.GetValue(_levels)!) : null, At = parsed.GetValue(_at), Hidden = hidden };
    }

    private static bool IsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    private TrainRequest Resumed(ParseResult parsed)
    {
        string folder = parsed.GetValue(_resume) ?? parsed.GetValue(_out) ?? throw new UsageException("--resume needs the run's folder: --resume RUN.");
        RunConfiguration run = RunConfiguration.Load(folder);
        Option[] free = [_resume, _out, _data, _validation, _outside, _epochs, _extend, _patience, _saveSteps, _loaderThreads, _undecodable, _featureCache, _quiet, _json, _log, .. _ranks.Options];
        if (Array.Find(_all, option => IsGiven(parsed, option) && !free.Contains(option)) is { } fixedOption)
            throw new UsageException($"{fixedOption.Name} cannot change in a run that is resumed; leave it out, or start a new run from this one's weights with --from {Path.Combine(folder, RunFolder.BestName)}.");
        if (_ranks.IsGiven(parsed) && run.Options.Shards == 0) throw new UsageException($"{folder}: the run was started without --shards, so that its steps cannot be shared; resume it without --distributed, or start a new run.");
        DataRequest data = DataRequest.FromNotes(run.Notes);
        TrainerOptions options = run.Options with
        {
            EarlyStoppingPatience = IsGiven(parsed, _patience) ? parsed.GetValue(_patience) : run.Options.EarlyStoppingPatience,
            CheckpointEverySteps = IsGiven(parsed, _saveSteps) ? parsed.GetValue(_saveSteps) : run.Options.CheckpointEverySteps,
            MaxUndecodableShare = IsGiven(parsed, _undecodable) ? parsed.GetValue(_undecodable) : run.Options.MaxUndecodableShare,
            LoaderThreads = parsed.GetValue(_loaderThreads),
        };
        return new TrainRequest
        {
            Data = data with { Data = parsed.GetValue(_data) ?? data.Data, Validation = parsed.GetValue(_validation) ?? data.Validation, AllowOutside = parsed.GetValue(_outside) || data.AllowOutside },
            Model = run.Model.Architecture,
            ModelOptions = run.Model.Options,
            Options = WithLength(options, parsed.GetValue(_epochs), parsed.GetValue(_extend), folder),
            RunFolder = folder,
            Resume = true,
            DeterministicExact = run.DeterministicExact,
            Command = run.Notes.GetValueOrDefault(TrainRequest.CommandNote),
        };
    }

    private static AugmentationOptions Crops { get; } = new() { Crop = CropMode.RandomResized, MinArea = 0.35, PcaSigma = 0 };

    private static TrainerOptions WithLength(TrainerOptions options, int? epochs, int? extension, string folder)
    {
        if (epochs is not null && extension is not null) throw new UsageException("--epochs and --extend exclude each other.");
        if (extension < 1) throw new UsageException($"--extend must be at least 1, not {extension}.");
        if (options.Schedule != ScheduleKind.Cosine) return options with { Epochs = epochs ?? options.Epochs + (extension ?? 0) };
        if (epochs is { } wanted && wanted != options.Epochs)
            throw new UsageException($"--epochs cannot change in a run with the cosine schedule, which was drawn over {Counted.Of(options.Epochs, "epoch")}; --extend N adds epochs with a cosine of their own, --from {Path.Combine(folder, RunFolder.BestName)} starts a new run.");
        return extension is { } more ? options with { Epochs = options.Epochs + more, CosineRestarts = [.. options.CosineRestarts, options.Epochs] } : options;
    }

    private static AugmentationOptions Augmentation(string text)
    {
        string[] parts = text.Split('+', StringSplitOptions.TrimEntries);
        AugmentationOptions options = parts[0] switch
        {
            "paper" => AugmentationOptions.Paper,
            "crops" => Crops,
            "strong" => Crops with { PcaSigma = 0.1, Brightness = 0.3, Contrast = 0.3, Saturation = 0.3 },
            "none" => AugmentationOptions.None,
            _ => throw new UsageException($"--augment is paper, crops, strong or none, alone or with +randaugment, +erasing, +mixup or +cutmix behind it, not '{text}'."),
        };
        foreach (string part in parts.Skip(1)) options = Extended(options, part);
        return options;
    }

    private static AugmentationOptions Extended(AugmentationOptions options, string part)
    {
        string[] named = part.Split(':', 2);
        double[] values = [.. (named.Length > 1 ? named[1].Split(',') : []).Select(value => double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : double.NaN)];
        return (named[0], values) switch
        {
            ("randaugment", []) => options with { RandAugmentOperations = 2 },
            ("randaugment", [>= 1 and <= 14 and var count, >= 0 and <= 30 and var magnitude]) when double.IsInteger(count) => options with { RandAugmentOperations = (int)count, RandAugmentMagnitude = magnitude },
            ("randaugment", _) => throw new UsageException($"--augment: randaugment takes a number of operations, 1 to 14, and a magnitude, 0 to 30, such as randaugment:2,9, not '{part}'."),
            ("erasing", []) => options with { ErasingProbability = 0.5 },
            ("erasing", [>= 0 and <= 1 and var chance]) => options with { ErasingProbability = chance },
            ("erasing", _) => throw new UsageException($"--augment: erasing takes a chance, 0 to 1, such as erasing:0.25, not '{part}'."),
            ("mixup", []) => options with { Mixup = 0.2 },
            ("mixup", [> 0 and <= 2 and var alpha]) => options with { Mixup = alpha },
            ("cutmix", []) => options with { CutMix = 1 },
            ("cutmix", [> 0 and <= 2 and var alpha]) => options with { CutMix = alpha },
            ("mixup" or "cutmix", _) => throw new UsageException($"--augment: {named[0]} takes an alpha above 0 and at most 2, such as {named[0]}:0.2, not '{part}'."),
            _ => throw new UsageException($"--augment: '{part}' is unknown; what can follow a + is randaugment[:N,M], erasing[:chance], mixup[:alpha] and cutmix[:alpha]."),
        };
    }
}
