using System.Diagnostics;
using System.Security.Cryptography;
using IlgpuSpp.Models;

namespace IlgpuSpp.Detection;

/// <summary>
/// Finds objects in images: proposals, features and scores of windows, suppression (the paper, section 4). Of several models each scores all windows and the suppression
/// works on the union (section 4.4). Thread-safe: windows of several images are searched beside each other, and one image at a time goes through the network.
/// </summary>
public sealed class Detector : IDisposable
{
    private const double LikelyProbability = 0.5, LikelySvmScore = -0.5;

    private readonly IReadOnlyList<string> _files;
    private readonly IReadOnlyList<DetectorModel> _models;
    private readonly DetectorModel? _first;
    private readonly double _share;
    private readonly SemaphoreSlim _turn = new(1, 1);

    private Detector(IReadOnlyList<string> files, IReadOnlyList<DetectorModel> models, IProposalMethod proposals, DetectorModel? first = null, double share = 1) =>
        (_files, _models, Proposals, _first, _share) = (files, models, proposals, first, share);

    /// <summary>Names of the classes in the order of the labels.</summary>
    public IReadOnlyList<string> ClassNames => _models[0].ClassNames;

    /// <summary>Finds the windows.</summary>
    public IProposalMethod Proposals { get; }

    /// <summary>What each of the models was trained for.</summary>
    public IReadOnlyList<DetectorSettings> Settings => [.. _models.Select(model => model.Settings)];

    /// <summary>Whether every model has support vector machines.</summary>
    public bool HasSvm => _models.All(model => model.HasSvm);

    /// <summary>Whether some model moves boxes, by a regression or by a layer of the network.</summary>
    public bool HasBoxRegression => _models.Any(model => model.HasBoxRegression || model.HasBoxLayer);

    /// <summary>Whether a cheap head chooses the windows that go through the whole one.</summary>
    public bool HasCascade => _first is not null;

    /// <summary>Whether scores of support vector machines can be turned into probabilities: of one detector, not of several together, if its training could tell.</summary>
    public bool IsCalibrated => _models is [{ Calibration: not null }];

    /// <summary>A detector of one model, which belongs to it.</summary>
    internal static Detector Of(DetectorModel model, IProposalMethod proposals) => new([], [model], proposals);

    /// <summary>Opens a detector that <c>DetectorTrainer</c> wrote.</summary>
    /// <param name="path">The file, or the run's folder.</param>
    /// <param name="backend">Where it runs; not disposed with the detector.</param>
    /// <param name="proposals">Finds the windows; null for the method that it was trained with, which stands beside the file (<see cref="ProposalPlan.OfDetector"/>).</param>
    /// <exception cref="ModelFormatException">The file is damaged or holds no detector.</exception>
    /// <exception cref="DataFormatException">Nothing beside the file says how its windows are found.</exception>
    public static Detector Load(string path, Backend backend, IProposalMethod? proposals = null) => Load([path], backend, proposals ?? ProposalPlan.OfDetector(path).Open());

    /// <summary>Opens a detector that <c>DetectorTrainer</c> wrote.</summary>
    /// <param name="source">The file: its bytes, or a stream.</param>
    /// <param name="backend">Where it runs; not disposed with the detector.</param>
    /// <param name="proposals">Finds the windows, best by the method that it was trained with.</param>
    /// <exception cref="ModelFormatException">The file is damaged or holds no detector.</exception>
    public static Detector Load(ModelSource source, Backend backend, IProposalMethod proposals)
    {
        ArgumentNullException.ThrowIfNull(source);
        return Of(DetectorModel.Load(source, backend), proposals);
    }

    /// <summary>Whether a run has come to its detector.</summary>
    /// <param name="folder">The run's folder.</param>
    public static bool IsFinished(string folder) => File.Exists(DetectorFile.PathOf(folder));

    /// <summary>Throws unless a file holds a detector; its weights are not read.</summary>
    /// <param name="path">The file, or the run's folder.</param>
    /// <exception cref="ModelFormatException">The file is damaged or holds no detector.</exception>
    public static void Check(string path) => DetectorFile.Check(DetectorFile.PathOf(path));

    /// <summary>Whether a model file holds a detector rather than a classifier.</summary>
    /// <param name="source">The model file.</param>
    /// <exception cref="IlgpuSpp.Engine.ModelFormatException">It is no model file.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static bool IsIn(ModelSource source) => DetectorFile.IsIn(source);

    /// <summary>Opens several detectors to be used together.</summary>
    /// <param name="paths">Files, or the runs' folders; at least one.</param>
    /// <param name="backend">Where they run.</param>
    /// <param name="proposals">Finds the windows that all of them score.</param>
    /// <param name="cascade">A cheap head in front of a single detector's, or null.</param>
    /// <exception cref="ModelFormatException">A file is damaged or holds no detector, or the classes differ, or the cascade's was not made from the detector.</exception>
    /// <exception cref="OptionsException">The cascade's share is not above 0 and below 1, or there are several detectors.</exception>
    public static Detector Load(IReadOnlyList<string> paths, Backend backend, IProposalMethod proposals, WindowCascade? cascade = null)
    {
        if (paths.Count == 0) throw new ArgumentException("At least one detector is needed.", nameof(paths));
        if (cascade is not null) OptionCheck.InRange(cascade.Share, cascade.Share is > 0 and < 1, "above 0 and below 1", nameof(WindowCascade.Share));
        if (cascade is not null && paths.Count > 1) throw new OptionsException("Cascade", "serves a single detector, not several together");
        string[] files = [.. paths.Select(DetectorFile.PathOf)];
        var models = new List<DetectorModel>();
        try
        {
            foreach (string file in files)
            {
                models.Add(DetectorModel.Load(file, backend));
                if (!models[^1].ClassNames.SequenceEqual(models[0].ClassNames))
                    throw new ModelFormatException(file, $"its classes ({string.Join(", ", models[^1].ClassNames)}) are not those of {files[0]} ({string.Join(", ", models[0].ClassNames)}); only detectors of the same classes can be combined");
            }
            if (cascade is null) return new Detector(files, models, proposals);
            string first = DetectorFile.PathOf(cascade.Path);
            return new Detector([.. files, first], models, proposals, models[0].LoadFirst(first), cascade.Share);
        }
        catch
        {
            foreach (DetectorModel model in models) model.Dispose();
            throw;
        }
    }

    /// <summary>What scores windows.</summary>
    /// <param name="wanted">What is asked for, or null for what the models were trained with.</param>
    /// <exception cref="InvalidOperationException">The models were trained with different ones, or there are no support vector machines.</exception>
    public WindowScoring Scoring(WindowScoring? wanted)
    {
        WindowScoring scoring = wanted ?? _models[0].Settings.Scoring;
        if (wanted is null && _models.Any(model => model.Settings.Scoring != scoring))
            throw new InvalidOperationException("Some of the detectors score with support vector machines and some with softmax, which cannot be compared; choose one for all.");
        if (scoring == WindowScoring.Svm && !HasSvm)
            throw new InvalidOperationException($"{(_models.Count == 1 ? "The detector was" : "One of the detectors was")} trained without support vector machines; score with softmax.");
        return scoring;
    }

    /// <summary>The probability that a detection is right: softmax's score itself; of support vector machines by what was learnt on images held out of training (Platt).</summary>
    /// <param name="found">The detection.</param>
    /// <param name="scoring">What scored it.</param>
    /// <returns>0 to 1; null for support vector machines where <see cref="IsCalibrated"/> is false.</returns>
    public double? Probability(ScoredBox found, WindowScoring scoring) =>
        scoring == WindowScoring.Softmax ? found.Score : IsCalibrated ? _models[0].Calibration![found.Label].Probability(found.Score) : null;

    /// <summary>A hash of the models' files: two detectors with the same value find the same in the same windows.</summary>
    /// <exception cref="IOException">A file cannot be read any more.</exception>
    /// <exception cref="InvalidOperationException">The detector was not loaded from a path.</exception>
    public string Fingerprint()
    {
        if (_files.Count == 0) throw new InvalidOperationException("The detector came from memory or a stream, so that no file identifies it; load it from a path.");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in _files)
        {
            using FileStream stream = File.OpenRead(file);
            hash.AppendData(SHA256.HashData(stream));
        }
        if (_first is not null) hash.AppendData(BitConverter.GetBytes(_share));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Finds the objects that are likely enough to be told.</summary>
    /// <param name="image">The image.</param>
    /// <param name="threshold">
    /// Least probability of what is found, or least score of support vector machines that know no probabilities (<see cref="IsCalibrated"/>); null for what is right at least as likely as
    /// not, or −0.5.
    /// </param>
    /// <returns>The objects, highest score first.</returns>
    /// <exception cref="DataFormatException">The image cannot be decoded, or its sides differ too much.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public IReadOnlyList<FoundObject> Find(ImageInput image, double? threshold = null)
    {
        ArgumentNullException.ThrowIfNull(image);
        WindowScoring scoring = Scoring(null);
        return Named(DetectLikely(image.Load(), scoring, threshold, file: image.Name ?? ""), scoring);
    }

    /// <summary>As <see cref="Find"/>, on threads of the pool; files are read and its turn is waited for without holding one.</summary>
    /// <param name="image">The image.</param>
    /// <param name="threshold">As above.</param>
    /// <param name="cancellation">Ends the work before its next step: reading and decoding, the search for windows, the network.</param>
    public Task<IReadOnlyList<FoundObject>> FindAsync(ImageInput image, double? threshold = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        return Task.Run<IReadOnlyList<FoundObject>>(async () =>
        {
            WindowScoring scoring = Scoring(null);
            (double? least, double? probability) = Least(scoring, threshold);
            RgbImage loaded = await image.LoadAsync(cancellation: cancellation).ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
            PixelBox[] windows = Windows(loaded, image.Name ?? "");
            await _turn.WaitAsync(cancellation).ConfigureAwait(false);
            try
            {
                return Named(AtLeast(Search(loaded, windows, scoring, new DetectionOptions { MinimumScore = least }, 0, new Stopwatch()).Boxes, scoring, probability), scoring);
            }
            finally
            {
                _turn.Release();
            }
        }, cancellation);
    }

    /// <summary>Finds objects as tests do, and says where the time went.</summary>
    /// <param name="image">The image.</param>
    /// <param name="options">How detections are chosen; the defaults where null.</param>
    /// <param name="imageIndex">The number that the detections carry.</param>
    /// <param name="file">The image's name or path, for proposals that are looked up by it.</param>
    /// <exception cref="DataFormatException">The image's sides differ too much.</exception>
    public ImageDetections Detect(RgbImage image, DetectionOptions? options = null, int imageIndex = 0, string file = "")
    {
        options ??= new DetectionOptions();
        WindowScoring scoring = Scoring(options.Scoring);
        var clock = Stopwatch.StartNew();
        PixelBox[] windows = Windows(image, file);
        double proposals = clock.Elapsed.TotalSeconds;
        var convolutions = new Stopwatch();
        IReadOnlyList<ScoredBox> found;
        CascadeWindows? cascade;
        _turn.Wait();
        try
        {
            // Waiting for other images is no work on this one.
            clock.Restart();
            (found, cascade) = Search(image, windows, scoring, options, imageIndex, convolutions);
        }
        finally
        {
            _turn.Release();
        }
        double features = convolutions.Elapsed.TotalSeconds;
        return new ImageDetections(found, new DetectionTimes(0, proposals, features, clock.Elapsed.TotalSeconds - features)) { Cascade = cascade };
    }

    /// <summary>As <see cref="Find"/>, for tables of several images.</summary>
    internal IReadOnlyList<ScoredBox> DetectLikely(RgbImage image, WindowScoring? scoring = null, double? threshold = null, int imageIndex = 0, string file = "")
    {
        WindowScoring chosen = Scoring(scoring);
        (double? least, double? probability) = Least(chosen, threshold);
        return AtLeast(Detect(image, new DetectionOptions { Scoring = chosen, MinimumScore = least }, imageIndex, file).Boxes, chosen, probability);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (DetectorModel model in _models) model.Dispose();
        _first?.Dispose();
        _turn.Dispose();
    }

    // A probability of machines is told from the score class by class, so that no one score stands for it.
    private (double? Score, double? Probability) Least(WindowScoring scoring, double? threshold)
    {
        bool calibrated = scoring == WindowScoring.Svm && IsCalibrated;
        double least = threshold ?? (scoring == WindowScoring.Softmax || calibrated ? LikelyProbability : LikelySvmScore);
        return calibrated ? (null, least) : (least, null);
    }

    private IReadOnlyList<ScoredBox> AtLeast(IReadOnlyList<ScoredBox> found, WindowScoring scoring, double? probability) =>
        probability is null ? found : [.. found.Where(box => Probability(box, scoring) >= probability)];

    private FoundObject[] Named(IReadOnlyList<ScoredBox> found, WindowScoring scoring) =>
        [.. found.Select(box => new FoundObject(ClassNames[box.Label], box.Label, box.Score, Probability(box, scoring), box.Box))];

    private PixelBox[] Windows(RgbImage image, string file)
    {
        var seen = new HashSet<PixelBox>();
        var windows = new List<PixelBox>();
        foreach (PixelBox box in Proposals.Propose(image, file))
            if (BoxOverlap.Clip(box, image.Width, image.Height) is { } inside && seen.Add(inside))
                windows.Add(inside);
        return [.. windows];
    }

    private (IReadOnlyList<ScoredBox> Boxes, CascadeWindows? Cascade) Search(RgbImage image, PixelBox[] windows, WindowScoring scoring, DetectionOptions options, int imageIndex, Stopwatch convolutions)
    {
        CascadeWindows? cascade = _first is null ? null : new CascadeWindows(windows, []);
        if (windows.Length == 0) return ([], cascade);
        var models = new List<ModelDetections>();
        var all = new List<ScoredBox>();
        var origin = new List<(int Model, int Index)>();
        foreach (DetectorModel model in _models)
        {
            using IImageWindows opened = model.Open(image, convolutions);
            if (_first is not null) cascade = new CascadeWindows(windows, _first.Strongest(opened, windows, scoring, _share));
            models.Add(model.Score(opened, cascade?.Kept ?? windows, scoring, options.MinimumScore, options.RegressBoxes, imageIndex));
            all.AddRange(models[^1].Boxes);
            origin.AddRange(models[^1].Boxes.Select((_, index) => (models.Count - 1, index)));
        }
        int[] kept = [.. GreedySuppression.KeepPerClass(all, options.SuppressionOverlap).OrderByDescending(i => all[i].Score).Take(options.MostInImage)];
        if (!options.RegressBoxes || !_models.Any(model => model.HasBoxRegression)) return ([.. kept.Select(i => all[i])], cascade);
        // Every box is moved by the model that found it.
        IEnumerable<ScoredBox> moved = kept.Select(i => models[origin[i].Model].Moved(origin[i].Index));
        return ([.. GreedySuppression.PerClass(moved, options.SuppressionOverlap).OrderByDescending(box => box.Score)], cascade);
    }
}

/// <summary>An object in an image.</summary>
/// <param name="ClassName">Name of its class.</param>
/// <param name="Label">Number of its class.</param>
/// <param name="Score">The score: of softmax a probability, of support vector machines any number.</param>
/// <param name="Probability">The probability that it is right, 0 to 1; null for support vector machines where it is not known (<see cref="Detector.IsCalibrated"/>).</param>
/// <param name="Box">Where it is, in pixels of the upright image.</param>
public sealed record FoundObject(string ClassName, int Label, double Score, double? Probability, PixelBox Box);

/// <summary>What was found in an image and how long it took.</summary>
/// <param name="Boxes">Detections, highest score first.</param>
/// <param name="Times">Where the time went.</param>
public sealed record ImageDetections(IReadOnlyList<ScoredBox> Boxes, DetectionTimes Times)
{
    /// <summary>The windows before and behind the cascade; null without one.</summary>
    public CascadeWindows? Cascade { get; init; }

    /// <summary>What the cascade left of the image's objects, where they are known.</summary>
    internal CascadeRecall Recall { get; init; }
}

/// <summary>Where the time of detection goes, in seconds: the rows of the paper's Tables 9 and 10, and what they leave out.</summary>
/// <param name="Reading">Reading and decoding the image.</param>
/// <param name="Proposals">Finding the windows.</param>
/// <param name="Convolutions">The convolutions and the pooling of windows.</param>
/// <param name="FullyConnected">The layers behind the pyramid, scores, suppression and the regression of boxes.</param>
public readonly record struct DetectionTimes(double Reading, double Proposals, double Convolutions, double FullyConnected)
{
    /// <summary>All of it.</summary>
    public double Total => Reading + Proposals + Convolutions + FullyConnected;

    /// <summary>Both together.</summary>
    /// <param name="other">The other times.</param>
    public DetectionTimes Plus(DetectionTimes other) =>
        new(Reading + other.Reading, Proposals + other.Proposals, Convolutions + other.Convolutions, FullyConnected + other.FullyConnected);

    /// <summary>The mean over a number of images; 0 for none.</summary>
    /// <param name="images">The number.</param>
    public DetectionTimes Over(int images) => images == 0 ? default : new(Reading / images, Proposals / images, Convolutions / images, FullyConnected / images);
}
