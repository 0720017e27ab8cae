namespace IlgpuSpp.Data;

/// <summary>One labelled image of a data set.</summary>
/// <param name="Name">The image's name in its source: a path relative to the data set, or a generated name.</param>
/// <param name="Label">Its class, an index into <see cref="ImageDataset.ClassNames"/>.</param>
/// <param name="SourceIndex">Its index in the source.</param>
/// <param name="Part">The part it was explicitly put into.</param>
public sealed record ImageSample(string Name, int Label, int SourceIndex, DatasetPart Part = DatasetPart.Unassigned);
