namespace IlgpuSpp.Models;

/// <summary>
/// Models as single <c>.safetensors</c> files: weights by name in the ecosystem's layouts (convolutions
/// <c>[out, in, kh, kw]</c>, fully connected layers <c>[out, in]</c>), the description in the metadata. 8-bit weights are I8 codes, with the scales of the outputs beside them.
/// </summary>
public static class ModelFile
{
    private const string ScaleSuffix = ".scale";

    /// <summary>Writes a model. The file appears whole or not at all; an older one is replaced only at the end.</summary>
    /// <param name="path">The file.</param>
    /// <param name="model">The model.</param>
    /// <param name="extra">Other tensors to store beside the weights, e.g. the optimiser's.</param>
    /// <param name="metadata">Other strings to store beside the description.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(string path, Model model, IReadOnlyList<NamedTensor>? extra = null, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var tensors = new List<NamedTensor>();
        foreach (Parameter parameter in model.Network.Parameters) tensors.AddRange(TensorsOf(parameter));
        if (extra is not null) tensors.AddRange(extra);
        Dictionary<string, string> all = DescriptionJson.Write(model.Description, model.Network.Root);
        foreach ((string key, string value) in metadata ?? new Dictionary<string, string>()) all[key] = value;
        SafetensorsWriter.Write(path, tensors, all);
    }

    /// <summary>A parameter's values (or another tensor of its shape) under its name, in file layout.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="values">Values in memory layout.</param>
    /// <param name="suffix">Added to the name.</param>
    public static NamedTensor ToNamedTensor(Parameter parameter, float[] values, string suffix = "") =>
        new(parameter.FullName + suffix, parameter.FileShape, parameter.ToFile(values));

    private static NamedTensor[] TensorsOf(Parameter parameter)
    {
        float[] values = parameter.Value.ToArray();
        if (!parameter.IsInt8) return [ToNamedTensor(parameter, values)];
        var codes = new sbyte[values.Length];
        float[] scales = PackedInt8.Encode(values, parameter.Shape[0], codes);
        return [new(parameter.FullName, parameter.FileShape, default, codes), new(parameter.FullName + ScaleSuffix, new Shape(scales.Length), scales)];
    }

    /// <summary>Reads the description of a model without its weights.</summary>
    /// <param name="source">The file.</param>
    /// <exception cref="ModelFormatException">It is not a model file of this program.</exception>
    public static ModelDescription ReadDescription(ModelSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        using SafetensorsFile file = source.Open();
        return DescriptionJson.Read(file.Name, file.Metadata);
    }

    /// <summary>
    /// Builds a network from its file: one of the zoo, or one whose file describes its layers, as that of every other
    /// network does whose layers describe themselves (<see cref="Layer.Describe"/>).
    /// </summary>
    /// <param name="source">The file.</param>
    /// <param name="backend">Where it runs.</param>
    /// <param name="registry">The layers that it may be made of, where some are of the user's own; null for those of the project.</param>
    /// <exception cref="ModelFormatException">The file is damaged, not a model, or of a network with layers that the registry does not know.</exception>
    public static Model Load(ModelSource source, Backend backend, LayerRegistry? registry = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        using SafetensorsFile file = source.Open();
        return Load(file, backend, registry);
    }

    /// <inheritdoc cref="Load(ModelSource, Backend, LayerRegistry?)"/>
    /// <param name="file">The open file.</param>
    /// <param name="backend">Where it runs.</param>
    /// <param name="registry">The layers that it may be made of, where some are of the user's own; null for those of the project.</param>
    public static Model Load(SafetensorsFile file, Backend backend, LayerRegistry? registry = null)
    {
        string path = file.Name;
        ModelDescription description = DescriptionJson.Read(path, file.Metadata);
        Model model;
        try
        {
            Layer layers = DescriptionJson.ReadLayers(path, file.Metadata, registry ?? LayerRegistry.BuiltIn) ?? Zoo.Build(Zoo.Find(description.Architecture), description.Options);
            model = new Model(description, CheckTensors(file, path, layers), backend, seed: 0, registry);
        }
        catch (UnknownModelException)
        {
            throw new ModelFormatException(path, $"the network cannot be built: it names '{description.Architecture}', which is not in this version's zoo; load a network of your own with ModelFile.LoadInto");
        }
        catch (Exception error) when (error is ArgumentException or OverflowException or (IlgpuSppException and not ModelFormatException))
        {
            throw new ModelFormatException(path, $"the network cannot be built: {LayerRefusal.Reason(error)}", error);
        }
        try
        {
            if (model.Outputs is { } outputs && outputs != description.Options.Classes)
                throw new ModelFormatException(path, $"it claims {description.Options.Classes} classes, but the layers that it describes have {outputs} outputs");
            model.Description = description;
            ReadWeights(file, path, model);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Reads weights into an existing network, which must be of the file's architecture and options.</summary>
    /// <param name="path">The file.</param>
    /// <param name="model">Receives weights, class names and facts.</param>
    /// <exception cref="ModelFormatException">The file is damaged or of another network.</exception>
    public static void LoadInto(string path, Model model)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        ModelDescription description = DescriptionJson.Read(path, file.Metadata);
        if (description.Architecture != model.Description.Architecture || !description.Options.Equals(model.Description.Options))
            throw new ModelFormatException(path, $"the file holds {Name(description)}, not {Name(model.Description)}");
        ReadWeights(file, path, model);
        model.Description = description;
    }

    /// <summary>Reads one tensor of a parameter's shape, in memory layout.</summary>
    /// <param name="file">The open file.</param>
    /// <param name="path">Its path, for errors.</param>
    /// <param name="parameter">The parameter.</param>
    /// <param name="suffix">Added to the parameter's name.</param>
    /// <exception cref="ModelFormatException">The tensor is missing or of another shape.</exception>
    public static float[] ReadTensor(SafetensorsFile file, string path, Parameter parameter, string suffix = "")
    {
        string name = parameter.FullName + suffix;
        Shape expected = parameter.FileShape;
        if (!file.Contains(name)) throw new ModelFormatException(path, $"tensor {name} is missing");
        if (!file.Shape(name).AsSpan().SequenceEqual(expected.ToArray()))
            throw new ModelFormatException(path, $"tensor {name} has shape [{string.Join(", ", file.Shape(name))}], the network needs {expected}");
        var values = new float[expected.Count];
        if (parameter.IsInt8 && suffix.Length == 0)
        {
            var codes = new sbyte[expected.Count];
            var scales = new float[expected[0]];
            file.ReadCodes(name, codes);
            file.ReadFloats(name + ScaleSuffix, scales);
            PackedInt8.Decode(codes, scales, values);
            return values;
        }
        file.ReadFloats(name, values);
        return parameter.FromFile(values);
    }

    /// <summary>The tensors of a file that belong to neither the network's parameters nor their training, such as a detector's support vector machines.</summary>
    /// <param name="path">The file.</param>
    /// <param name="model">The file's network.</param>
    /// <exception cref="ModelFormatException">The file is damaged.</exception>
    public static IReadOnlyList<NamedTensor> ReadOthers(string path, Model model)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        string[] parameters = [.. model.Network.Parameters.Select(parameter => parameter.FullName)];
        var others = new List<NamedTensor>();
        foreach (string name in file.Names.Where(name => !file.Type(name).EndsWith('8') && !parameters.Any(parameter => name == parameter || name.StartsWith(parameter + '.', StringComparison.Ordinal))))
        {
            var values = new float[file.Count(name)];
            file.ReadFloats(name, values);
            others.Add(new NamedTensor(name, new Shape(file.Shape(name)), values));
        }
        return others;
    }

    private static void ReadWeights(SafetensorsFile file, string path, Model model)
    {
        // All tensors are checked before the first is changed.
        var values = new List<float[]>();
        foreach (Parameter parameter in model.Network.Parameters) values.Add(ReadTensor(file, path, parameter));
        for (int i = 0; i < values.Count; i++) model.Network.Parameters[i].Value.Upload(values[i]);
    }

    // A description may claim layers of any size; the file's tensors must be there before memory is taken for them.
    private static Layer CheckTensors(SafetensorsFile file, string path, Layer root)
    {
        long needed = root.SelfAndDescendants().SelectMany(layer => layer.Parameters).Sum(parameter => parameter.Shape.Count);
        long held = file.Names.Where(name => file.Type(name) == "I8" || !file.Type(name).EndsWith('8')).Sum(file.Count);
        return needed <= held ? root : throw new ModelFormatException(path, $"the layers that it describes have {needed} values, but it holds only {held}");
    }

    private static string Name(ModelDescription description) =>
        $"{description.Architecture} (classes {description.Options.Classes}, pyramid {(description.Options.Pyramid.Length == 0 ? "none" : string.Join(",", description.Options.Pyramid))})";
}
