namespace IlgpuSpp.Layers;

/// <summary>
/// A network cut at its spatial pyramid pooling (the paper, section 4.1 and Appendix A): the stem turns an image into a feature map once, any
/// number of windows is pooled from that map, and the head turns every pooled window into a row of outputs. The layers and
/// their parameters stay those of the network. Thread-safe; passes are not.
/// </summary>
public sealed class SplitNetwork
{
    private readonly Network _network;

    /// <summary>Cuts a network.</summary>
    /// <param name="network">A chain of layers with one spatial pyramid pooling that is neither its first nor its last layer; not disposed.</param>
    /// <exception cref="NotSupportedException">The network has no such layer, or its stem has no fixed stride.</exception>
    public SplitNetwork(Network network)
    {
        _network = network;
        Layer[] layers = network.Root is Sequential ? [.. network.Root.Children] : [];
        int cut = Array.FindIndex(layers, layer => layer is SpatialPyramidPool);
        if (cut < 1 || cut == layers.Length - 1)
            throw new NotSupportedException("Windows can be pooled from feature maps only in a chain of layers with a spatial pyramid pooling inside; train the network with pyramid levels.");
        Stem = new Sequential(layers[..cut]);
        Pool = (SpatialPyramidPool)layers[cut];
        Head = new Sequential(layers[(cut + 1)..]);
        Field = ReceptiveField.Of(Stem.Children);
        // Windows have any size, so they are divided by the rule that fits every size, as the authors' release does.
        Pyramid = new Pyramid(Pool.Pyramid.Levels.AsSpan());
    }

    /// <summary>The layers in front of the pooling: <c>[n, h, w, 3]</c> to <c>[n, mh, mw, c]</c>.</summary>
    public Sequential Stem { get; }

    /// <summary>The pooling of whole maps.</summary>
    public SpatialPyramidPool Pool { get; }

    /// <summary>The layers behind the pooling: <c>[r, bins·c]</c> to the network's outputs, e.g. <c>[r, classes]</c>.</summary>
    public Sequential Head { get; }

    /// <summary>The levels of <see cref="Pool"/> with the bins of Appendix A, which windows are pooled with.</summary>
    public Pyramid Pyramid { get; }

    /// <summary>Where the responses of the stem's map lie in the image.</summary>
    public ReceptiveField Field { get; }

    /// <summary>The map's shape for an image.</summary>
    /// <param name="input">Shape of the input, <c>[n, h, w, 3]</c>.</param>
    /// <exception cref="InputTooSmallException">The map would be empty.</exception>
    public Shape MapShape(Shape input) => Stem.OutputShape(input);

    /// <summary>Length of a pooled window, bins·c.</summary>
    /// <param name="map">Shape of the map, <c>[n, mh, mw, c]</c>.</param>
    public int Features(Shape map) => ShapeRules.PyramidLength(Pyramid, map.Channels);

    /// <summary>Plans a pass through the stem.</summary>
    /// <param name="input">Shape of the input, <c>[n, h, w, 3]</c>.</param>
    /// <param name="mode">What the pass is for.</param>
    /// <param name="recompute">As in <see cref="Network.Plan"/>.</param>
    /// <returns>The pass, whose output is the map; the caller disposes it.</returns>
    /// <exception cref="InputTooSmallException">The map would be empty.</exception>
    public NetworkPass PlanStem(Shape input, PassMode mode = PassMode.Inference, bool recompute = false) => new(_network, Stem, input, mode, recompute: recompute);

    /// <summary>Plans a pass through the head.</summary>
    /// <param name="windows">Number of windows, at least 1.</param>
    /// <param name="features">Length of a pooled window; see <see cref="Features"/>.</param>
    /// <param name="mode">What the pass is for: <see cref="PassMode.Training"/> trains the head alone on pooled windows.</param>
    /// <returns>The pass, whose input are pooled windows; the caller disposes it.</returns>
    public NetworkPass PlanHead(int windows, int features, PassMode mode = PassMode.Inference) => new(_network, Head, new Shape(windows, features), mode);

    /// <summary>Plans a pass through some layers of the head.</summary>
    /// <param name="rows">What they read, <c>[r, length]</c>.</param>
    /// <param name="layers">Positions in <see cref="Head"/>, at least one.</param>
    /// <returns>The pass; the caller disposes it.</returns>
    public NetworkPass PlanHead(Shape rows, Range layers) => new(_network, new Sequential([.. Head.Children.Take(layers)]), rows, PassMode.Inference);

    /// <summary>
    /// Plans a training pass through the head that can also give the gradient by the pooled windows (<see cref="NetworkPass.InputGradient"/>), so that
    /// training goes on through <see cref="PoolWindowsBackward"/> into the stem.
    /// </summary>
    /// <param name="windows">Number of windows, at least 1.</param>
    /// <param name="features">Length of a pooled window; see <see cref="Features"/>.</param>
    /// <param name="sibling">
    /// A layer beside the head's last one that reads what that one reads; its outputs follow the network's in every row: <c>[r, classes + sibling's]</c>. Null for
    /// none. Its parameters have their memory already, and their gradients where they are wanted.
    /// </param>
    /// <param name="needInputGradient">Whether the gradient by the pooled windows is wanted; a stem that stays as it is has no use for it.</param>
    /// <returns>The pass, whose input are pooled windows; the caller disposes it.</returns>
    public NetworkPass PlanHeadEndToEnd(int windows, int features, Layer? sibling = null, bool needInputGradient = true)
    {
        Layer last = Head.Children[^1];
        // Both stand where the last layer stood and take its name, which no other layer of the head has; unnamed, they would be called by a position that may be taken.
        Layer root = sibling is null ? Head : new Sequential([.. Head.Children.SkipLast(1), new Concat(last, sibling) { Name = last.Name }]);
        return new NetworkPass(_network, root, new Shape(windows, features), PassMode.Training, needInputGradient);
    }

    /// <summary>Pools windows of maps.</summary>
    /// <param name="map">The maps, <c>[n, mh, mw, c]</c>.</param>
    /// <param name="windows">One row a window: image, top, left, bottom, right in map elements, bottom and right excluded, <c>[r, 5]</c>.</param>
    /// <param name="features">Receives the pooled windows, <c>[r, bins·c]</c>.</param>
    /// <param name="argmax">Receives what <see cref="PoolWindowsBackward"/> needs, <c>[r, bins·c]</c>; null in inference.</param>
    public void PoolWindows(Tensor map, Tensor<int> windows, Tensor features, Tensor<int>? argmax = null) =>
        _network.Backend.WindowPyramidForward(map, windows, features, argmax, Pyramid);

    /// <summary>Brings the gradient by pooled windows back to their maps. Where windows lie over each other their gradients add up.</summary>
    /// <param name="featureGradient">The gradient by the pooled windows, <c>[r, bins·c]</c>.</param>
    /// <param name="windows">The same as in <see cref="PoolWindows"/>.</param>
    /// <param name="argmax">What <see cref="PoolWindows"/> wrote.</param>
    /// <param name="mapGradient">Receives the gradient by the maps, <c>[n, mh, mw, c]</c>; assigned.</param>
    public void PoolWindowsBackward(Tensor featureGradient, Tensor<int> windows, Tensor<int> argmax, Tensor mapGradient) =>
        _network.Backend.WindowPyramidBackward(featureGradient, windows, argmax, mapGradient, Pyramid);
}
