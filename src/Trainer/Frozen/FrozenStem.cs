using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace IlgpuSpp.Training;

/// <summary>
/// A network cut behind the layers at its front that stay as they are, as far as they end in rows of features: what these give of an image is the same in every epoch.
/// </summary>
internal sealed class FrozenStem
{
    // Where the network was cut in training, for evaluation.
    private const string LastLayerFact = "frozen.last_layer";

    private FrozenStem(Network network, Layer[] layers, int cut)
    {
        Network = network;
        Stem = new Sequential(layers[..cut]);
        Head = new Sequential(layers[cut..]);
    }

    /// <summary>The network.</summary>
    public Network Network { get; }

    /// <summary>The layers at the front: <c>[n, h, w, 3]</c> to <c>[n, features]</c>.</summary>
    public Sequential Stem { get; }

    /// <summary>All others: <c>[n, features]</c> to the network's outputs.</summary>
    public Sequential Head { get; }

    /// <summary>Cuts a network whose frozen parameters are marked.</summary>
    /// <param name="model">The network.</param>
    /// <returns>Null where layers that learn or draw at random come before the first rows, or nothing is in front of them.</returns>
    public static FrozenStem? Of(Model model)
    {
        if (model.Network.Root is not Sequential root) return null;
        Layer[] layers = [.. root.Children];
        int still = Array.FindIndex(layers, layer => layer.SelfAndDescendants().Any(inside => inside is Dropout || inside.Parameters.Any(parameter => parameter.Trainable && !parameter.Frozen)));
        Shape shape = new(1, model.SmallestSide, model.SmallestSide, 3);
        int cut = 0;
        for (int i = 0; i < still; i++)
        {
            shape = layers[i].OutputShape(shape);
            if (shape.Rank == 2) cut = i + 1;
        }
        return cut == 0 || !layers.Take(cut).Any(layer => layer.SelfAndDescendants().Any(inside => inside.Parameters.Count > 0)) ? null : new FrozenStem(model.Network, layers, cut);
    }

    /// <summary>Cuts a network where it was cut in training.</summary>
    /// <returns>Null where the model does not say so.</returns>
    public static FrozenStem? Noted(Model model)
    {
        if (!model.Description.Facts.TryGetValue(LastLayerFact, out string? last) || model.Network.Root is not Sequential root) return null;
        Layer[] layers = [.. root.Children];
        int cut = Array.FindIndex(layers, layer => layer.Name == last) + 1;
        return cut < 1 || cut >= layers.Length || root.Children.Take(cut).Aggregate(new Shape(1, model.SmallestSide, model.SmallestSide, 3), (shape, layer) => layer.OutputShape(shape)).Rank != 2 ? null : new FrozenStem(model.Network, layers, cut);
    }

    /// <summary>Notes in the model where it is cut.</summary>
    public void Note(Model model) => model.Description = model.Description with { Facts = model.Description.Facts.SetItem(LastLayerFact, Stem.Children[^1].Name) };

    /// <summary>A hash of all that the features depend on besides the image and its view: the layers, their weights, the device. Null where a layer does not describe itself.</summary>
    public byte[]? Fingerprint()
    {
        if (!LayerRegistry.CanDescribe(Stem)) return null;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        DeviceDescription device = Network.Backend.Device;
        hash.AppendData(Encoding.UTF8.GetBytes($"{device.Name}\n{device.Hardware}\n{LayerRegistry.ToJson(Stem)}\n"));
        foreach (Parameter parameter in Stem.SelfAndDescendants().SelectMany(layer => layer.Parameters)) hash.AppendData(MemoryMarshal.AsBytes<float>(parameter.Value.ToArray()));
        return hash.GetHashAndReset();
    }
}
