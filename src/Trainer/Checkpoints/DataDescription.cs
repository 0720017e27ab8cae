namespace IlgpuSpp.Training;

/// <summary>The data that a run was started with, as far as it can be told apart from other data.</summary>
/// <param name="Train">Name of the training data set.</param>
/// <param name="TrainImages">Number of training images.</param>
/// <param name="Validation">Name of the validation data set.</param>
/// <param name="ValidationImages">Number of validation images.</param>
/// <param name="Classes">Number of classes.</param>
/// <param name="Fingerprint">SHA-256 of the names and labels of all samples in order, hexadecimal.</param>
public sealed record DataDescription(string Train, int TrainImages, string Validation, int ValidationImages, int Classes, string Fingerprint);
