using System.Globalization;
using IlgpuSpp.Data.Imaging;
using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Training;

/// <summary>
/// Judges a network's features on data that it was not trained for, as the paper does: features of length 1, one linear support
/// vector machine a class, mean class accuracy over random splits (section 3.3) or VOC's mean average precision (section 3.2).
/// </summary>
/// <param name="model">The model; not disposed.</param>
/// <param name="options">Layers, views, protocol.</param>
/// <param name="logger">Is told where the protocol is scaled down and which images are left out.</param>
/// <param name="progress">Receives where the measurement is.</param>
public sealed class Transfer(TrainedModel model, TransferOptions options, ILogger? logger = null, IProgress<TransferProgress>? progress = null)
{
    private const int ImagesAtATime = 16;

    // Of the training images a fifth chooses the side that images are resized to.
    private const int ValidationShare = 5;
    private const uint ValidationStream = 0x5350_4d00;

    private int Threads => LoaderDefaults.Threads(options.Threads);

    /// <summary>Measures all layers and views.</summary>
    /// <param name="path">Class folders, a CSV manifest, or a folder in VOC's layout.</param>
    /// <param name="cancellation">Stops the measurement.</param>
    /// <exception cref="Layers.UnknownLayerException">There is no layer of a name.</exception>
    /// <exception cref="DatasetException">The data cannot be used.</exception>
    /// <exception cref="ArgumentException">An option cannot work, or an image is too small for a layer.</exception>
    /// <exception cref="OperationCanceledException">The measurement was stopped.</exception>
    public TransferTable Run(string path, CancellationToken cancellation = default)
    {
        options.Validate();
        if (options.Views.Contains(FeatureView.Crop) && options.MinimumSides.FirstOrDefault(side => side < model.Preparation.CropSize) is > 0 and var small)
            throw new OptionsException(nameof(options.MinimumSides), $"must be at least the crop's {model.Preparation.CropSize} pixels for the crop view, but one is {small}");
        FeatureRequest[] requests = [.. options.Layers.Select(layer => FeatureRequest.Parse(layer, model.Model.Network))];
        return DetectionData.IsSplitVoc(path) ? RunVoc(path, requests, cancellation) : RunCaltech(ImageDataset.Open(path, logger, options.AllowOutside), requests, cancellation);
    }

    private TransferTable RunCaltech(ImageDataset data, FeatureRequest[] requests, CancellationToken cancellation)
    {
        int[] labels = [.. data.Samples.Select(sample => sample.Label)];
        int classes = data.ClassNames.Count, train = CaltechSplit.TrainImagesFor(labels, classes, options.TrainImages, options.TestImages);
        foreach ((int count, int c) in data.CountPerClass().Select((count, c) => (count, c)))
            if (count < 2) throw new DatasetException(data.Name, $"has {(count == 1 ? "1 image" : $"{count} images")} of {data.ClassNames[c]}; every class needs one to train on and one to test on.");
        if (train < options.TrainImages)
            logger?.LogWarning("The smallest class has too few images for {Wanted} of training and some to test on; {Train} a class are trained on", options.TrainImages, train);
        CaltechSplit[] splits = [.. Enumerable.Range(0, options.Splits).Select(split => CaltechSplit.Draw(labels, classes, train, options.TestImages, options.Seed, split))];

        var results = new List<TransferResult>();
        CaltechSplit? validation = options.MinimumSides.Length < 2 ? null : splits[0].Validation(train, ValidationShare) ?? throw new OptionsException(nameof(options.MinimumSides), $"can be chosen among several where there are at least 2 training images a class, but there is {train}");
        foreach ((FeatureView view, FeatureRequest request, int? side, float[]?[] features) in
            Features(data.Count, data.Load, i => data.Samples[i].Name, requests, features => Accuracy(validation!, features, labels, classes, cancellation), cancellation))
        {
            var accuracies = new double[splits.Length];
            for (int i = 0; i < splits.Length; i++)
            {
                progress?.Report(new TransferProgress($"training on {request.Name}, {NameOf(view)} view", i, splits.Length));
                accuracies[i] = Accuracy(splits[i], features, labels, classes, cancellation);
            }
            double mean = accuracies.Average(), deviation = accuracies.Length < 2 ? double.NaN : Math.Sqrt(accuracies.Sum(a => (a - mean) * (a - mean)) / (accuracies.Length - 1));
            results.Add(new TransferResult(request.Name, view, Length(features), mean, deviation, double.NaN, side));
        }
        string protocol = string.Create(CultureInfo.InvariantCulture, $"{train} training and at most {options.TestImages} test images a class, {options.Splits} splits, C = {options.Svm.Cost}");
        return new TransferTable(NameOf(data.Name), "Mean class accuracy", protocol, options.Layers, options.Views, results);
    }

    private double Accuracy(CaltechSplit split, float[]?[] features, int[] labels, int classes, CancellationToken cancellation)
    {
        int[] train = [.. split.Train.Where(i => features[i] is not null)];
        LinearClassifier[] machines = LinearSvm.TrainOneVersusRest([.. train.Select(i => features[i]!)], [.. train.Select(i => labels[i])], classes, options.Svm, Threads, cancellation);
        var confusion = new ConfusionMatrix(classes);
        foreach (int i in split.Test)
        {
            if (features[i] is not { } x) continue;
            int best = 0;
            double highest = double.NegativeInfinity;
            for (int c = 0; c < classes; c++)
            {
                double score = machines[c].Score(x);
                if (score > highest) (best, highest) = (c, score);
            }
            confusion.Add(labels[i], best);
        }
        return confusion.MeanClassAccuracy;
    }

    private TransferTable RunVoc(string folder, FeatureRequest[] requests, CancellationToken cancellation)
    {
        var reading = new AnnotationOptions { NeedBoxes = false, AllowOutside = options.AllowOutside };
        DetectionDataset trainSet = DetectionData.OpenTraining(folder, reading, logger), testSet = DetectionData.OpenTest(folder, reading, logger);
        string[] classNames = [.. trainSet.ClassNames.Union(testSet.ClassNames).Order(StringComparer.Ordinal)];
        int classes = classNames.Length, trained = trainSet.Images.Count, all = trained + testSet.Images.Count;
        if (classes == 0) throw new DatasetException(folder, "has no objects in its annotations.");
        int[][] labels = [.. trainSet.WithClasses(classNames).Images.Concat(testSet.WithClasses(classNames).Images).Select(image => Labels(image, classes))];
        var results = new List<TransferResult>();
        int[] order = ValidationOrder(trained, options.Seed), checks = order[..(trained / ValidationShare)], others = order[checks.Length..];
        if (options.MinimumSides.Length > 1 && checks.Length == 0) throw new OptionsException(nameof(options.MinimumSides), $"can be chosen among several where there are at least {ValidationShare} training images, but there {(trained == 1 ? "is 1" : $"are {trained}")}");
        foreach ((FeatureView view, FeatureRequest request, int? side, float[]?[] features) in
            Features(all, Load, i => Image(i).Name, requests, features => Precisions(others, checks, features).Select(p => p.ElevenPoint).DefaultIfEmpty().Average(), cancellation))
        {
            progress?.Report(new TransferProgress($"training on {request.Name}, {NameOf(view)} view", 0, 0));
            PrecisionRecallCurve[] precisions = Precisions([.. Enumerable.Range(0, trained)], [.. Enumerable.Range(trained, all - trained)], features);
            if (precisions.Length == 0) throw new DatasetException(folder, "has no object in its test images that is not difficult.");
            results.Add(new TransferResult(request.Name, view, Length(features), precisions.Average(p => p.ElevenPoint), double.NaN, precisions.Average(p => p.Area), side));
        }
        string protocol = string.Create(CultureInfo.InvariantCulture, $"{trained} training and {all - trained} test images, {classes} classes, C = {options.Svm.Cost}");
        return new TransferTable(NameOf(folder), "Mean average precision (11-point)", protocol, options.Layers, options.Views, results);

        RgbImage Load(int i) => i < trained ? trainSet.Load(i) : testSet.Load(i - trained);

        AnnotatedImage Image(int i) => i < trained ? trainSet.Images[i] : testSet.Images[i - trained];

        PrecisionRecallCurve[] Precisions(int[] learnt, int[] tested, float[]?[] features)
        {
            int[] train = [.. learnt.Where(i => features[i] is not null)], test = [.. tested.Where(i => features[i] is not null)];
            LinearClassifier[] machines = LinearSvm.TrainEach([.. train.Select(i => features[i]!)], classes,
                (row, c) => labels[train[row]][c] switch { 0 => null, int label => label > 0 }, options.Svm, Threads, cancellation);
            return [.. Enumerable.Range(0, classes)
                .Select(c => Curve([.. test.Select(i => machines[c].Score(features[i]!))], [.. test.Select(i => labels[i][c])]))
                .Where(curve => curve.Positives > 0)];
        }
    }

    /// <summary>The training images in the order of the validation part: its images come first.</summary>
    internal static int[] ValidationOrder(int count, ulong seed)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        new RandomStream(new RandomKey(seed, ValidationStream, 0)).Shuffle<int>(order);
        return order;
    }

    /// <summary>How examples are ranked; equal scores keep the order given.</summary>
    /// <param name="scores">The score of each example; higher is more positive.</param>
    /// <param name="labels">Above 0 a positive example, below 0 a negative one, 0 one that does not count (difficult).</param>
    internal static PrecisionRecallCurve Curve(double[] scores, int[] labels) => PrecisionRecallCurve.Of(
        Enumerable.Range(0, scores.Length).Where(i => labels[i] != 0).OrderByDescending(i => scores[i]).Select(i => (labels[i] > 0, scores[i])), labels.Count(label => label > 0));

    /// <summary>For each class 1 where an object is shown, 0 where all its objects are passed over (VOC's difficult ones), −1 where there is none.</summary>
    internal static int[] Labels(AnnotatedImage image, int classes)
    {
        int[] labels = [.. Enumerable.Repeat(-1, classes)];
        foreach (AnnotatedObject item in image.Objects) labels[item.Label] = Math.Max(labels[item.Label], item.Ignored ? 0 : 1);
        return labels;
    }

    // One pass over the images for each view and side; a layer whose maps differ in size from image to image is left out of that view. Of several sides each layer keeps its best.
    private IEnumerable<(FeatureView View, FeatureRequest Request, int? Side, float[]?[] Features)> Features(
        int count, Func<int, RgbImage> load, Func<int, string> name, FeatureRequest[] requests, Func<float[]?[], double> validate, CancellationToken cancellation)
    {
        foreach (FeatureView view in options.Views)
        {
            FeatureRequest[] own = view == FeatureView.Full ? [.. requests.Where(HasFixedLength)] : requests;
            if (own.Length == 0) continue;
            // The paper resizes to the crop's side here, so that crop and full image are of one scale.
            int?[] sides = view == FeatureView.Warp ? [null] : options.MinimumSides.IsEmpty ? [model.Preparation.CropSize] : [.. options.MinimumSides];
            var best = new (int? Side, double Value, float[]?[] Features)?[own.Length];
            foreach (int? side in sides)
            {
                float[]?[][] features = Features(view, side, own, count, load, name, cancellation);
                for (int r = 0; r < own.Length; r++)
                {
                    if (sides.Length > 1) progress?.Report(new TransferProgress($"choosing the side for {own[r].Name}, {NameOf(view)} view", r, own.Length));
                    double value = sides.Length > 1 ? validate(features[r]) : 0;
                    if (best[r] is null || value > best[r]!.Value.Value) best[r] = (side, value, features[r]);
                }
            }
            for (int r = 0; r < own.Length; r++) yield return (view, own[r], best[r]!.Value.Side, best[r]!.Value.Features);
        }
    }

    private float[]?[][] Features(FeatureView view, int? side, FeatureRequest[] requests, int count, Func<int, RgbImage> load, Func<int, string> name, CancellationToken cancellation)
    {
        using var extractor = new FeatureExtractor(model, requests, view, side, options.Mean);
        float[]?[][] features = [.. requests.Select(_ => new float[]?[count])];
        string at = side is { } pixels && options.MinimumSides.Length > 1 ? $" at {pixels} pixels" : "";
        for (int first = 0; first < count; first += ImagesAtATime)
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report(new TransferProgress($"features of the {NameOf(view)} view{at}", first, count));
            (int Index, RgbImage Image)[] images = Decode(first, Math.Min(ImagesAtATime, count - first), load, name, view == options.Views[0] && (side is null || options.MinimumSides.IsEmpty || side == options.MinimumSides[0]));
            FeatureArray[][][] rows = extractor.Extract([.. images.Select(image => image.Image)]);
            for (int i = 0; i < images.Length; i++)
                for (int r = 0; r < requests.Length; r++)
                    features[r][images[i].Index] = Normalised(rows[i][0][r].Values);
        }
        return features;
    }

    private (int Index, RgbImage Image)[] Decode(int first, int count, Func<int, RgbImage> load, Func<int, string> name, bool warn)
    {
        var images = new RgbImage?[count];
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = Threads }, i =>
        {
            try
            {
                images[i] = load(first + i);
            }
            catch (Exception error) when (error is DataFormatException or IOException)
            {
                if (warn) logger?.LogWarning("{Image} is left out: {Reason}", name(first + i), error.Message);
            }
        });
        return [.. Enumerable.Range(0, count).Where(i => images[i] is not null).Select(i => (first + i, images[i]!))];
    }

    private bool HasFixedLength(FeatureRequest request) => !request.Levels.IsEmpty
        || Layers.LayerPath.Find(model.Model.Network, request.Layer).Through(model.Model.Network).Any(layer => layer is Layers.SpatialPyramidPool or Layers.GlobalAveragePool);

    private static string NameOf(FeatureView view) => view.ToString().ToLowerInvariant();

    private static string NameOf(string path) => Path.GetFileName(Path.TrimEndingDirectorySeparator(path));

    private static int Length(float[]?[] features) => features.First(row => row is not null)!.Length;

    private static float[] Normalised(float[] values)
    {
        double norm = Math.Sqrt(values.Sum(v => (double)v * v));
        if (norm > 0)
            for (int i = 0; i < values.Length; i++) values[i] = (float)(values[i] / norm);
        return values;
    }
}
