using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using IlgpuSpp.Models;
using Microsoft.Extensions.Logging;

namespace IlgpuSpp.Detection;

/// <summary>Opens the features of windows by the method that options name.</summary>
public static class WindowFeatures
{
    /// <summary>Prepares a network.</summary>
    /// <param name="model">The network, a chain with a pyramid inside.</param>
    /// <param name="preparation">How images are normalised for it.</param>
    /// <param name="options">Method, scales, crops.</param>
    /// <exception cref="NotSupportedException">The network has no pyramid.</exception>
    public static IWindowFeatures Create(Model model, InputPreparation preparation, WindowFeatureOptions options) =>
        options.Method == WindowMethod.Rcnn ? new WarpedWindowFeatures(model, preparation, options) : new PooledWindowFeatures(model, preparation, options);

    /// <summary>Prepares a network and keeps on the disk what its convolutions give: the maps of images, or the features of windows where each goes through them by itself.</summary>
    /// <param name="model">The network, a chain with a pyramid inside.</param>
    /// <param name="preparation">How images are normalised for it.</param>
    /// <param name="options">Method, scales, crops.</param>
    /// <param name="cacheFolder">Where the features are kept; created where missing.</param>
    /// <param name="cacheBytes">Bound of all files together.</param>
    /// <param name="logger">Is warned of damaged files and of a folder that cannot be written.</param>
    /// <exception cref="NotSupportedException">The network has no pyramid.</exception>
    /// <exception cref="IOException">The folder cannot be made.</exception>
    internal static IWindowFeatures CreateCached(Model model, InputPreparation preparation, WindowFeatureOptions options, string cacheFolder, long cacheBytes, ILogger? logger = null)
    {
        string fingerprint = Fingerprint(model, preparation, options);
        return options.Method == WindowMethod.Rcnn
            ? new WarpedWindowFeatures(model, preparation, options, new WindowFeatureCache(cacheFolder, fingerprint, cacheBytes, logger))
            : new PooledWindowFeatures(model, preparation, options, new FeatureMapCache(cacheFolder, fingerprint, cacheBytes, logger));
    }

    /// <summary>A hash of everything that the convolutions' outcome depends on besides the image: the stem's weights, the normalisation, the scales or the crop.</summary>
    /// <param name="model">The network.</param>
    /// <param name="preparation">How images are normalised for it.</param>
    /// <param name="options">Method, scales, crops.</param>
    internal static string Fingerprint(Model model, InputPreparation preparation, WindowFeatureOptions options)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Pyramid pyramid = new SplitNetwork(model.Network).Pool.Pyramid;
        string seen = options.Method == WindowMethod.Spp ? string.Join('+', options.Scales) : FormattableString.Invariant($"crops {options.TargetSide} {options.ContextPadding} {pyramid.Rule} {string.Join(',', pyramid.Levels)}");
        hash.AppendData(Encoding.UTF8.GetBytes($"{model.Description.Architecture} {preparation.Normalisation.ToJson()} {preparation.Filter} {seen}"));
        if (preparation.Normalisation.MeanImage is { } mean) hash.AppendData(MemoryMarshal.AsBytes<float>(mean.Pixels.ToArray()));
        foreach (Layer layer in new SplitNetwork(model.Network).Stem.SelfAndDescendants())
        {
            foreach (Parameter parameter in layer.Parameters) hash.AppendData(MemoryMarshal.AsBytes<float>(parameter.Value.ToArray()));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
