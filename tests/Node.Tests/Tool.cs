using System.Diagnostics;
using System.Text;
using Xunit;

namespace Actors.Node.Tests;

/// <summary>A program of the machine that a test runs: kcat, python3.</summary>
public static class Tool
{
    public static ToolResult Run(string program, string[] arguments, string? input = null, int seconds = 60) =>
        Run(program, arguments, input is null ? null : Encoding.UTF8.GetBytes(input), seconds);

    public static ToolResult Run(string program, string[] arguments, byte[]? input, int seconds)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = new MemoryStream();
        var reading = process.StandardOutput.BaseStream.CopyToAsync(output);
        if (input is not null)
            process.StandardInput.BaseStream.Write(input);
        process.StandardInput.Close();
        if (!process.WaitForExit(TimeSpan.FromSeconds(seconds)))
        {
            process.Kill();
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end within {seconds} s\n{error.Result}");
        }
        reading.Wait();
        return new ToolResult(process.ExitCode, output.ToArray(), error.Result);
    }

    public static bool Exists(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));

    public static bool PythonHas(string module) => File.Exists("/usr/bin/python3") && Run("/usr/bin/python3", ["-c", $"import {module}"]).ExitCode == 0;
}

public sealed record ToolResult(int ExitCode, byte[] Bytes, string Error)
{
    public string Text => Encoding.UTF8.GetString(Bytes);

    public string[] Lines => Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public ToolResult Succeeded()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}\n{Error}\n{Text}");
        return this;
    }
}

/// <summary>A test that needs kcat. Where it is not installed the test is skipped, but on CI it runs and fails.</summary>
public sealed class KcatFactAttribute : FactAttribute
{
    private static readonly bool Missing = !Tool.Exists("kcat");

    public KcatFactAttribute()
    {
        if (Missing && Environment.GetEnvironmentVariable("CI") != "true")
            Skip = "kcat is not installed (Debian: apt-get install kcat)";
    }
}

/// <summary>A test that needs Python's confluent-kafka.</summary>
public sealed class ConfluentKafkaFactAttribute : FactAttribute
{
    private static readonly bool Missing = !Tool.PythonHas("confluent_kafka");

    public ConfluentKafkaFactAttribute()
    {
        if (Missing && Environment.GetEnvironmentVariable("CI") != "true")
            Skip = "confluent-kafka is not installed (Debian: apt-get install python3-confluent-kafka)";
    }
}
