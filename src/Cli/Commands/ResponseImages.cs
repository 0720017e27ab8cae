using IlgpuSpp.Cli.Detection;
using IlgpuSpp.Data.Imaging;

namespace IlgpuSpp.Cli.Commands;

/// <summary>Photographs whose whole images, or windows where the model is a detector, show what fully connected layers answer in use.</summary>
internal static class ResponseImages
{
    private const int WindowsPerImage = 100;

    /// <summary>Takes all images through a model and keeps what some layers answer.</summary>
    /// <param name="path">The model's file.</param>
    /// <param name="files">The images; those that cannot be read are left out with a warning.</param>
    /// <param name="layers">Names of fully connected layers; others are left out here, and refused where they are compressed.</param>
    /// <param name="backend">Where it is computed.</param>
    /// <param name="interrupt">Stops it.</param>
    public static IReadOnlyList<LayerResponses> Collect(string path, IReadOnlyList<string> files, IReadOnlyList<string> layers, Backend backend, CancellationToken interrupt) =>
        Detector.IsIn(path) ? OfWindows(path, files, layers, backend, interrupt) : OfImages(path, files, layers, backend, interrupt);

    private static LayerResponses[] OfImages(string path, IReadOnlyList<string> files, IReadOnlyList<string> layers, Backend backend, CancellationToken interrupt)
    {
        using TrainedModel model = TrainedModel.Load(path, backend);
        LayerResponses[] responses = [.. Named(model.Model.Network.Root, layers).Select(layer => new LayerResponses(layer, backend))];
        using var extractor = new FeatureExtractor(model, [.. responses.Select(some => new FeatureRequest(some.Layer, some.Layer + ActivationPass.RawSuffix, []))], model.Model.TakesAnySize ? FeatureView.Full : FeatureView.Crop);
        foreach (RgbImage image in Images(files, interrupt))
        {
            FeatureArray[] found = extractor.Extract([image])[0][0];
            for (int i = 0; i < responses.Length; i++) responses[i].Add(found[i].Values);
        }
        return responses;
    }

    private static LayerResponses[] OfWindows(string path, IReadOnlyList<string> files, IReadOnlyList<string> layers, Backend backend, CancellationToken interrupt)
    {
        (Model model, InputPreparation preparation, DetectorParts parts) = DetectorFile.Read(path, backend);
        using (model)
        {
            string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
            IProposalMethod method = (ProposalSettings.AreIn(folder) ? ProposalSettings.Read([folder], null) : ProposalSettings.Photographs).Open(null, WarningLogger.OfData(Say.Error));
            IWindowFeatures features = WindowFeatures.Create(model, preparation, parts.Settings.Features);
            SplitNetwork split = features.Split;
            Linear[] wanted = [.. Named(split.Head, layers)];
            LayerResponses[] responses = [.. wanted.Select(layer => new LayerResponses(layer, backend))];
            NetworkPass[] passes = [.. wanted.Select(layer => split.PlanHead(new Shape(WindowsPerImage, features.Length), ..(split.Head.Children.ToList().IndexOf(layer) + 1)))];
            try
            {
                var random = new RandomStream(new RandomKey(1, 5, 0));
                foreach (RgbImage image in Images(files, interrupt))
                {
                    PixelBox[] windows = [.. method.Propose(image)];
                    for (int i = 0; i < Math.Min(WindowsPerImage, windows.Length); i++)
                    {
                        int other = i + random.NextInt(windows.Length - i);
                        (windows[i], windows[other]) = (windows[other], windows[i]);
                    }
                    windows = [.. windows.Take(WindowsPerImage)];
                    if (windows.Length == 0) continue;
                    using IImageWindows opened = features.Open(image);
                    OrderedWindows ordered = opened.Order(windows);
                    for (int i = 0; i < passes.Length; i++)
                    {
                        ordered.Compute(opened, 0, ordered.Rows, passes[i].Input);
                        passes[i].Forward();
                        responses[i].Add(passes[i].Output.ToArray().AsSpan(0, ordered.Rows * responses[i].Length));
                    }
                }
                return responses;
            }
            finally
            {
                foreach (NetworkPass pass in passes) pass.Dispose();
            }
        }
    }

    private static IEnumerable<Linear> Named(Layer root, IReadOnlyList<string> layers) => root.SelfAndDescendants().OfType<Linear>().Where(layer => layers.Contains(layer.Name));

    private static IEnumerable<RgbImage> Images(IReadOnlyList<string> files, CancellationToken interrupt)
    {
        foreach (string file in files)
        {
            interrupt.ThrowIfCancellationRequested();
            RgbImage image;
            try
            {
                image = ImageDecoder.DecodeFile(file);
            }
            catch (Exception error) when (error is DataFormatException or IOException or UnauthorizedAccessException)
            {
                Say.Error($"warning: {error.Message}; it is left out.");
                continue;
            }
            yield return image;
        }
    }
}
